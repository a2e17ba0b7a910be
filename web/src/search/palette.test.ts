import { expect, test } from 'vitest'
import { allEntries } from './palette.ts'

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
  expect(allEntries(text, entries, undefined).map(({ title }) => title)).toEqual(titles)
})

test('twelve entries at most are shown', () => {
  expect(allEntries('a', Array.from({ length: 50 }, (_, index) => ({ title: `a${index}`, where: '', url: `/${index}` })), undefined).length).toBe(12)
})

test('what the server found stands behind names that have the text, before those that have its letters', () => {
  const found = [{ title: 'shop #3', where: 'build', url: '/b' }, { title: 'shop', where: 'pipeline', url: '/shop' }]
  expect(allEntries('shop', entries, found).map(({ title }) => title)).toEqual(['shop', 'shop-eu', 'Workshop', 'shop #3'])
  expect(allEntries('sp', entries, found).map(({ title }) => title)).toEqual(['shop #3', 'shop', 'shop-eu', 'Workshop'])
})

test('a build’s id leads to the build until the server says whether there is one', () => {
  expect(allEntries('318', entries, undefined).map(({ url }) => url)).toEqual(['/builds/318'])
  expect(allEntries('318', entries, [])).toEqual([])
})

test('thirty entries at most are shown with those of the server', () => {
  const many = (count: number, of: string) => Array.from({ length: count }, (_, index) => ({ title: `a${index}`, where: '', url: `/${of}${index}` }))
  expect(allEntries('a', many(50, 'x'), many(30, 'y')).length).toBe(30)
})
