import { expect, test } from 'vitest'
import { allEntries, idOf, type Entry } from './palette.ts'

const placeOf = (title: string, url: string): Entry => ({ kind: 'place', title, where: '', url })
const deed = (title: string): Entry => ({ kind: 'deed', title, refusal: undefined, typed: undefined, run: () => undefined })
const entries = ['release-train', 'shop', 'shop-eu', 'Workshop', 'search'].map((title) => placeOf(title, `/${title}`))

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
  expect(allEntries('a', Array.from({ length: 50 }, (_, index) => placeOf(`a${index}`, `/${index}`)), undefined).length).toBe(12)
})

test('what the server found stands behind names that have the text, before those that have its letters', () => {
  const found = [placeOf('shop #3', '/b'), placeOf('shop', '/shop')]
  expect(allEntries('shop', entries, found).map(({ title }) => title)).toEqual(['shop', 'shop-eu', 'Workshop', 'shop #3'])
  expect(allEntries('sp', entries, found).map(({ title }) => title)).toEqual(['shop #3', 'shop', 'shop-eu', 'Workshop'])
})

test('a build’s id leads to the build until the server says whether there is one', () => {
  expect(allEntries('318', entries, undefined).map(idOf)).toEqual(['/builds/318'])
  expect(allEntries('318', entries, [])).toEqual([])
})

test('thirty entries at most are shown with those of the server', () => {
  const many = (count: number, of: string) => Array.from({ length: count }, (_, index) => placeOf(`a${index}`, `/${of}${index}`))
  expect(allEntries('a', many(50, 'x'), many(30, 'y')).length).toBe(30)
})

test('what the page can do is found by its words like all else, and some of it stands first while nothing is typed', () => {
  const deeds = ['Trigger', 'Rerun', 'Pause', 'Comment', 'Download', 'Link', 'Trigger with…'].map(deed)
  const titles = (text: string) => allEntries(text, [...deeds, ...entries], undefined).map(({ title }) => title)
  expect(titles('')).toEqual(['Trigger', 'Rerun', 'Pause', 'Comment', 'Download', 'Link', 'release-train', 'shop', 'shop-eu', 'Workshop', 'search'])
  expect(titles('tri')).toEqual(['Trigger', 'Trigger with…', 'release-train'])
  expect(titles('shop')).toEqual(['shop', 'shop-eu', 'Workshop'])
  expect(allEntries('re', [deed('Rerun')], [placeOf('repo', '/r')]).map(idOf)).toEqual(['do Rerun', '/r'])
})
