import { expect, test } from 'vitest'
import { plainScalar, type PlainValue } from './plain-scalar.ts'

test.each<[string, PlainValue]>([
  ['', null],
  ['~', null],
  ['null', null],
  ['nULL', 'nULL'],
  ['y', true],
  ['Yes', true],
  ['on', true],
  ['TRUE', true],
  ['tRue', 'tRue'],
  ['n', false],
  ['off', false],
  ['0', 0],
  ['12', 12],
  ['-3', -3],
  ['+3', 3],
  ['1_000', 1000],
  ['0755', 493],
  ['0o17', 15],
  ['0x1F', 31],
  ['-0x10', -16],
  ['0b101', 5],
  ['08', 8],
  ['1.10', 1.1],
  ['.5', 0.5],
  ['5.', 5],
  ['1e3', 1000],
  ['1E-2', 0.01],
  ['1e999', '1e999'],
  ['12345678901234567890', 12345678901234567890n],
  ['-9223372036854775808', -9223372036854775808n],
  ['-9223372036854775809', -9223372036854775809],
  ['18446744073709551616', 18446744073709551616],
  ['.5_0', 0.5],
  ['.5_', '.5_'],
  ['1:30', '1:30'],
  ['2001-01-01', '2001-01-01'],
  ['1.2.3', '1.2.3'],
  ['-', '-'],
  ['.', '.'],
  ['0x', '0x'],
  ['12ab', '12ab'],
  ['.inf', Infinity],
  ['-.Inf', -Infinity],
])('%s is %s', (text, value) => {
  expect(plainScalar(text)).toBe(value)
})

test('.nan is no number', () => {
  expect(plainScalar('.NaN')).toBeNaN()
})
