import { expect, it } from 'vitest'
import { parseLinks } from './link-header.ts'

it.each([
  ['', []],
  ['</v2/a/tags/list?n=1&last=b>; rel="next"', [['/v2/a/tags/list?n=1&last=b', 'next']]],
  ['<a>;rel=next', [['a', 'next']]],
  ['<a>; REL="Last NEXT"', [['a', 'last next']]],
  ['<a>; title="x; rel=\\"next\\", y"; rel=prev, <b,c;d>; rel=next', [['a', 'prev'], ['b,c;d', 'next']]],
  ['<a>; rel=prev; rel=next', [['a', 'prev']]],
  ['a?last=1; rel="next"', [['a?last=1', 'next']]],
  ['<a>;; rel=next ,', [['a', 'next']]],
  ['<a>', [['a', '']]],
])('%s', (header, expected) => {
  expect(parseLinks(header)?.map(({ target, rels }) => [target, rels.join(' ')])).toEqual(expected)
})

it.each(['<a', '<a> rel=next', '"a"; rel=next', '<a>; rel="next', ','.repeat(3) + '<'])('%s is not well formed', (header) => {
  expect(parseLinks(header)).toBeUndefined()
})

it('reads no more links than 32', () => {
  expect(parseLinks('<a>, '.repeat(32))).toHaveLength(32)
  expect(parseLinks('<a>, '.repeat(33))).toBeUndefined()
})
