import { expect, test } from 'vitest'
import { groupsOf, idOf, type Entry, type Place } from './palette.ts'

const allEntries = (...asked: Parameters<typeof groupsOf>): readonly Entry[] => groupsOf(...asked).flatMap((group) => group.entries)
const placeOf = (title: string, url: string): Place => ({ kind: 'place', title, where: '', url })
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
})

test.each<[string, readonly string[]]>([
  // Names that begin so, before the deed that is called so.
  ['pause', ['Go to: pause-demo, unpaused', 'Do: Pause, Unpause']],
  ['unp', ['Go to: unpaused', 'Do: Unpause']],
  // A deed that begins so, before names that have it as a part.
  ['demo', ['Go to: pause-demo']],
  ['trig', ['Do: Trigger', 'Go to: my-trigger']],
  ['tr', ['Do: Trigger', 'Go to: my-trigger']],
  ['', ['Do: Pause, Unpause, Trigger', 'Go to: my-trigger, pause-demo, unpaused']],
])('names and deeds that %s means stand apart, in an order of their own', (text, expected) => {
  const all = [...['Pause', 'Unpause', 'Trigger'].map(deed), ...['my-trigger', 'pause-demo', 'unpaused'].map((title) => placeOf(title, `/${title}`))]
  const told = groupsOf(text, all, []).map(({ kind, entries: shown }) => `${kind === 'place' ? 'Go to' : 'Do'}: ${shown.map(({ title }) => title).join(', ')}`)
  expect(told).toEqual(expected)
})

test('the name as it was typed stands first, also where the server has found it', () => {
  expect(allEntries('pause', [deed('Pause'), placeOf('pause-demo', '/d')], [placeOf('pause', '/j'), placeOf('pausing', '/p')]).map(idOf)).toEqual(['/j', '/d', '/p', 'do Pause'])
  // One whose letters alone are there stands behind a deed that begins so.
  expect(allEntries('re', [deed('Rerun')], [placeOf('rope', '/r')]).map(idOf)).toEqual(['do Rerun', '/r'])
})
