import { expect, test } from 'vitest'
import { ageText, durationText } from './time.ts'
import { cutInMiddle } from './middle.ts'

test.each([
  [0, '0 s'],
  [1240, '1.2 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [372_000, '6 min 12 s'],
  [3_600_000, '1 h'],
  [90_061_000, '1 d 1 h'],
])('%d ms take %s', (ms, text) => expect(durationText(ms)).toBe(text))

test.each([
  [-5000, '0 s'],
  [59_000, '59 s'],
  [240_000, '4 min'],
  [47 * 3_600_000, '47 h'],
  [48 * 3_600_000, '2 d'],
])('%d ms ago is %s', (ms, text) => expect(ageText(ms)).toBe(text))

test('a long name loses its middle, whole characters of it', () => {
  expect(cutInMiddle('unit', 4)).toBe('unit')
  expect(cutInMiddle('create-bosh-candidate-release-noble', 20)).toBe('create-bos…ase-noble')
  expect(cutInMiddle('😀😀😀😀😀', 4)).toBe('😀😀…😀')
})
