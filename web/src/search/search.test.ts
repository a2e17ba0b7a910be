import { describe, expect, test } from 'vitest'
import { parseFilter, type Filterable } from './language.ts'
import { matches } from './match.ts'
import { suggest } from './suggest.ts'

const hour = 3_600_000
const now = 100 * 24 * hour
const pipeline = (name: string, team: string, more: Partial<Filterable> = {}): Filterable => ({ name, team, state: 'succeeded', running: false, public: false, favourite: false, pinned: false, 'check-failing': false, jobs: ['unit'], groups: [], ...more })
const all = [
  pipeline('shop', 'main', { state: 'failed', failingSince: now - 3 * 24 * hour, favourite: true, groups: ['release'] }),
  pipeline('shop-eu', 'main', { running: true, jobs: ['unit', 'deploy'] }),
  pipeline('release train', 'payments', { state: 'paused', groups: ['all jobs'] }),
  pipeline('search', 'payments', { pinned: true, state: 'errored', failingSince: now - hour / 2, public: true }),
  pipeline('mailer', 'main-2', { state: 'pending', 'check-failing': true }),
  pipeline('Docs', 'platform', { state: 'aborted', running: true }),
]
const everything = ['shop', 'shop-eu', 'release train', 'search', 'mailer', 'Docs']

describe('W5: filters of the dashboard', () => {
  test.each<[string, readonly string[]]>([
    ['', everything],
    ['   ', everything],
    ['shop', ['shop', 'shop-eu']],
    ['SHOP', ['shop', 'shop-eu']],
    ['sh', ['shop', 'shop-eu', 'search']],
    ['spu', ['shop-eu']],
    ['docs', ['Docs']],
    ['"shop"', ['shop']],
    ['"shop', ['shop', 'shop-eu']],
    ['"release train"', ['release train']],
    ['"release t', ['release train']],
    ['"', everything],
    ['""', everything],
    ['-', everything],
    ['-shop', ['release train', 'search', 'mailer', 'Docs']],
    ['-"shop"', ['shop-eu', 'release train', 'search', 'mailer', 'Docs']],
    ['shop -eu', ['shop']],
    ['status:failed', ['shop']],
    ['status:fail', ['shop']],
    ['status: failed', ['shop']],
    ['status:   failed shop', ['shop']],
    ['status:FAILED', ['shop']],
    ['STATUS:failed', ['shop']],
    ['status:"failed"', ['shop']],
    ['status:errored', ['search']],
    ['status:paused', ['release train']],
    ['status:pending', ['mailer']],
    ['status:aborted', ['Docs']],
    ['status:succeeded', ['shop-eu']],
    ['status:running', ['shop-eu', 'Docs']],
    ['status:started', ['shop-eu', 'Docs']],
    ['-status:running', ['shop', 'release train', 'search', 'mailer']],
    ['-status: running', ['shop', 'release train', 'search', 'mailer']],
    ['status:', everything],
    ['-status:', everything],
    ['team:main', ['shop', 'shop-eu', 'mailer']],
    ['team:"main"', ['shop', 'shop-eu']],
    ['team:"main', ['shop', 'shop-eu', 'mailer']],
    ['-team:"main"', ['release train', 'search', 'mailer', 'Docs']],
    ['team: payments', ['release train', 'search']],
    ['team:', everything],
    ['team:"', everything],
    ['team:pl', ['Docs']],
    ['team:main team:2', ['mailer']],
    ['group:release', ['shop']],
    ['group:"all jobs"', ['release train']],
    ['-group:release', ['shop-eu', 'release train', 'search', 'mailer', 'Docs']],
    ['job:deploy', ['shop-eu']],
    ['job:"unit"', everything],
    ['-job:deploy status:running', ['Docs']],
    ['is:public', ['search']],
    ['is:favourite', ['shop']],
    ['is:pinned', ['search']],
    ['is:check-failing', ['mailer']],
    ['-is:check is:pin', ['search']],
    ['is:running', ['shop-eu', 'Docs']],
    ['-is:running is:pub', ['search']],
    ['failing:>2d', ['shop']],
    ['failing:>1h', ['shop']],
    ['failing:<1h', ['search']],
    ['-failing:>1m', ['shop-eu', 'release train', 'mailer', 'Docs']],
    ['failing:>30min team:main', ['shop']],
    ['unknown:field', []],
    ['team:main status:failed shop is:favourite', ['shop']],
  ])('%s', (text, names) => {
    const filter = parseFilter(text)
    expect(filter.problems).toEqual([])
    expect(all.filter((one) => matches(filter, one, now)).map(({ name }) => name)).toEqual(names)
  })

  test.each([
    ['status:green', 'status:green is none: paused, pending, failed, errored, aborted, running, succeeded'],
    ['is:good', 'is:good is not known: running, public, favourite, pinned, check-failing'],
    ['failing:2d', 'failing:2d is no time: write failing:>2d, >30m or <1h'],
  ])('%s says what to write instead, and the rest of the filter counts', (text, problem) => {
    const filter = parseFilter(`${text} shop`)
    expect(filter.problems).toEqual([problem])
    expect(all.filter((one) => matches(filter, one, now)).map(({ name }) => name)).toEqual(['shop', 'shop-eu'])
  })

  test.each<[string, readonly string[]]>([
    ['', ['status:', 'team:', 'group:', 'job:', 'is:', 'failing:']],
    ['st', ['status:']],
    ['shop -t', ['shop -team:']],
    ['status:p', ['status:paused', 'status:pending']],
    ['team:', ['team:main', 'team:"a b"']],
    ['x team:"a', ['x team:"a b"']],
    ['team:main', []],
    ['nothing', []],
  ])('suggestions for %s', (text, expected) => {
    expect(suggest(text, { teams: ['main', 'a b'], groups: [] })).toEqual(expected)
  })

  test('a filter of a megabyte is cut before it is read', () => {
    expect(parseFilter('a '.repeat(500_000)).clauses.length).toBe(500)
  })
})
