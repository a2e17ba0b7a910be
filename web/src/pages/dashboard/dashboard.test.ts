import { describe, expect, test } from 'vitest'
import type { Card } from '../../api/types.ts'
import { bars } from './bars.ts'
import { shownCards, toggled } from './model.ts'
import { sentence } from './sentence.ts'

const minute = 60_000
const now = 1_000 * 24 * 60 * minute
let id = 0
const card = (more: Partial<Card> = {}): Card => ({ id: ++id, team: 'main', name: 'shop', pos: 0, jobs: 'ss', s: 'succeeded', n: { kind: 'succeeded', at: now - 120 * minute }, ...more })

test.each<[string, Partial<Card>]>([
  ['green for 2 h', {}],
  ['unit failed 4 min ago', { jobs: 'sf', s: 'failed', n: { kind: 'failed', job: 'unit', at: now - 4 * minute } }],
  ['2 failing, 4 min ago', { jobs: 'Fe', s: 'failed', n: { kind: 'failed', job: 'unit', at: now - 4 * minute } }],
  ['image pull: 401', { jobs: 'e', s: 'errored', n: { kind: 'errored', job: 'unit', at: now, text: 'image pull: 401' } }],
  ['unit aborted 3 s ago', { jobs: 'a', s: 'aborted', n: { kind: 'aborted', job: 'unit', at: now - 3_000 } }],
  ['unit running for 5 min', { jobs: 'P', s: 'running', n: { kind: 'running', job: 'unit', at: now - 5 * minute } }],
  ['check of repo fails: connection refused', { n: { kind: 'check', job: 'repo', text: 'connection refused' } }],
  ['never ran', { jobs: 'pp', s: 'pending', n: { kind: 'new' } }],
  ['paused', { s: 'paused', n: { kind: 'paused' }, paused: {} }],
  ['paused by kim, 3 h: “freeze”', { s: 'paused', n: { kind: 'paused' }, paused: { by: 'kim', at: now - 180 * minute, why: 'freeze' } }],
  ['archived', { archived: true }],
])('a card says: %s', (text, more) => {
  expect(sentence(card(more), now)).toBe(text)
})

test('a card has room for what it says of failed jobs', () => {
  // A card has 157 pixels beside its buttons, and a letter takes 6 of them.
  const most = 24
  for (const count of [2, 40]) expect(sentence(card({ jobs: 'f'.repeat(count), s: 'failed', n: { kind: 'failed', job: 'unit', at: now - 59 * minute } }), now).length).toBeLessThanOrEqual(most)
})

describe('the cards of the dashboard', () => {
  const asked = { search: '', archived: false, favourites: new Set<number>(), teams: [], now }
  const titles = ({ sections }: ReturnType<typeof shownCards>) => sections.map(({ title, shown }) => `${title}: ${shown.map(({ name, detail }) => `${name} ${detail}`.trim()).join(', ')}`)

  test('favourites come first, then teams of the person, then others, each in its order', () => {
    const cards = [card({ team: 'b', name: 'x' }), card({ name: 'second', pos: 2 }), card({ name: 'first', pos: 1 }), card({ team: 'z', name: 'own' })]
    expect(titles(shownCards({ ...asked, cards, teams: ['z'], favourites: new Set([cards[1]?.id ?? 0]) }))).toEqual(['Favourites: second', 'z: own', 'b: x', 'main: first, second'])
  })

  test('job: finds a pipeline by any of its jobs, not by the resource whose check fails', () => {
    const cards = [card({ names: 'unit\ndeploy', n: { kind: 'failed', job: 'unit' } }), card({ name: 'other', names: 'unit', n: { kind: 'check', job: 'deploy' } }), card({ name: 'new' })]
    expect(titles(shownCards({ ...asked, cards, search: 'job:deploy' }))).toEqual(['main: shop'])
    expect(titles(shownCards({ ...asked, cards, search: '-job:deploy' }))).toEqual(['main: other, new'])
  })

  test('instances of one name are one card that tells the worst, until the filter asks for the group', () => {
    const cards = [card({ name: 'pr', vars: { n: 1 } }), card({ name: 'pr', vars: { n: 2 }, s: 'failed', jobs: 'F', pos: 1 }), card({ name: 'pr2', pos: 2 })]
    const folded = shownCards({ ...asked, cards })
    expect(titles(folded)).toEqual(['main: pr × 2, pr2'])
    expect(folded.sections[0]?.tiles[0]).toMatchObject({ state: 'failed', running: true, jobs: 'sF', sentence: '2 instances, 1 failing' })
    expect(titles(shownCards({ ...asked, cards, search: 'team:"main" group:"pr"' }))).toEqual(['main: pr n:1, pr n:2'])
  })

  test('a card that has not changed is the same tile, whatever the filter and the others', () => {
    const cards = [card({ name: 'a' }), card({ name: 'b' }), card({ name: 'pr', vars: { n: 1 } }), card({ name: 'pr', vars: { n: 2 } })]
    const tiles = (shown: ReturnType<typeof shownCards>) => shown.sections.flatMap((section) => section.tiles)
    const before = tiles(shownCards({ ...asked, cards }))
    const [a, b, ...group] = cards
    const changed = tiles(shownCards({ ...asked, cards: [{ ...(a as Card), s: 'failed' as const }, b as Card, ...group] }))
    expect(changed.map((tile, at) => tile === before[at])).toEqual([false, true, true])
    const filtered = shownCards({ ...asked, cards, search: 'b' })
    expect(tiles(filtered).map((tile, at) => tile === before[at])).toEqual([true, true, true])
    expect(filtered.sections.map(({ shown }) => shown.map(({ name }) => name))).toEqual([['b']])
    // Its age is another one.
    expect(tiles(shownCards({ ...asked, cards, now: now + 60 * minute })).map((tile, at) => tile === before[at])).toEqual([false, false, true])
  })

  test('archived ones are shown when they are asked for', () => {
    const cards = [card({ name: 'old', archived: true }), card({ name: 'new' })]
    expect(shownCards({ ...asked, cards })).toMatchObject({ all: 1, matching: 1 })
    expect(titles(shownCards({ ...asked, cards, archived: true }))).toEqual(['main: old, new'])
  })

  test('a word of the filter is added and taken out', () => {
    expect(toggled('shop', 'status:failed')).toBe('shop status:failed')
    expect(toggled('shop  status:failed x', 'status:failed')).toBe('shop x')
  })
})

describe('bars', () => {
  test('there is one for each job, taller the worse it is', () => {
    const { paths, height } = bars('sfeap')
    expect(height).toBe(18)
    expect(paths.map(({ state, d }) => [state, d])).toEqual([
      ['succeeded', 'M0 10.8h13v7.2h-13z'],
      ['failed', 'M16 0h13v18h-13z'],
      ['errored', 'M32 3.6h13v14.4h-13zM36.3 0h4.3v2.2h-4.3z'],
      ['aborted', 'M48 7.2h13v10.8h-13z'],
      ['pending', 'M64 14.4h13v3.6h-13z'],
    ])
  })

  test.each([0, 1, 12, 13, 30, 31, 52, 53, 147, 148, 420, 5_000])('%d jobs fit', (count) => {
    const { height, width, paths } = bars('s'.repeat(count))
    expect(height).toBeLessThanOrEqual(48)
    expect(width).toBe(196)
    const right = [...(paths[0]?.d ?? '').matchAll(/M([\d.]+) /g)].map(([, x]) => Number(x))
    expect(Math.max(0, ...right)).toBeLessThan(196)
  })

  test('among more jobs than fit no failure is lost', () => {
    const jobs = [...'s'.repeat(5_000)]
    jobs[4_321] = 'f'
    expect(bars(jobs.join('')).paths.map(({ state }) => state)).toEqual(['succeeded', 'failed'])
  })
})
