import { expect, test } from 'vitest'
import { findEntries } from './palette.ts'

const entries = ['release-train', 'shop', 'shop-eu', 'Workshop', 'search'].map((title) => ({ title, where: '', url: `/${title}` }))

test.each<[string, readonly string[]]>([
  ['shop', ['shop', 'shop-eu', 'Workshop']],
  ['SHOP', ['shop', 'shop-eu', 'Workshop']],
  [' sp ', ['shop', 'shop-eu', 'Workshop']],
  ['#318', ['build 318']],
  ['318', ['build 318']],
  ['zzz', []],
  ['', ['release-train', 'shop', 'shop-eu', 'Workshop', 'search']],
])('%s finds', (text, titles) => {
  expect(findEntries(text, entries).map(({ title }) => title)).toEqual(titles)
})

test('twelve entries at most are shown', () => {
  expect(findEntries('a', Array.from({ length: 50 }, (_, index) => ({ title: `a${index}`, where: '', url: '' }))).length).toBe(12)
})
