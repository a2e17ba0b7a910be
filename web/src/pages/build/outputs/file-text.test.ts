import { expect, test } from 'vitest'
import { isPicture, modeText, nameText, textOf } from './file-text.ts'

test('controls in a name are shown as their symbols', () => {
  expect(nameText('a\nb\t\u0000\u007f ü..')).toBe('a␊b␉␀␡ ü..')
})

test.each<[string, readonly number[], string | undefined]>([
  ['text', [...Buffer.from('grün\n')], 'grün\n'],
  ['text whose last character is cut off', [...Buffer.from('grü').subarray(0, 3)], 'gr'],
  ['a zero byte', [97, 0], undefined],
  ['bytes that are no UTF-8', [97, 0xff, 98], undefined],
  ['nothing', [], ''],
])('%s', (_, bytes, text) => {
  expect(textOf(Uint8Array.from(bytes))).toBe(text)
})

test('a mode is written as ls does', () => {
  expect([0o755, 0o640, 0].map(modeText)).toEqual(['rwxr-xr-x', 'rw-r-----', '---------'])
})

test('a picture is what the server sends as one: no SVG, which is a document', () => {
  expect(['a.PNG', 'b.jpeg', 'c.svg', 'png', 'd.html'].map(isPicture)).toEqual([true, true, false, false, false])
})
