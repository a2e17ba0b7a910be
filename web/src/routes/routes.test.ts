import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../../src/model/json.ts'
import { formatRoute } from './format.ts'
import { parseRoute } from './parse.ts'
import type { PipelineId, Place, Route } from './route.ts'

/** A segment of a path; `.` and `..` lead elsewhere in every URL, so that nothing can be named so. */
const name = fc.oneof(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: 'grapheme' }), fc.constantFrom('a/b', '100%', 'x+y', '#1', 'why?', 'naïve', '日本', '%2F')).filter((text) => text !== '.' && text !== '..' && text.isWellFormed())
const json: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as Json)
const vars = fc.dictionary(fc.oneof(name, fc.constantFrom('a.b', 'c=d', 'e f', 'q"q', '')), json, { minKeys: 1, maxKeys: 4 }).map((object): JsonObject => object)
const id: fc.Arbitrary<PipelineId> = fc.record({ team: name, pipeline: name, vars: fc.option(vars, { nil: undefined }) }).map(({ vars: some, ...rest }) => ({ ...rest, ...(some !== undefined && { vars: some }) }))
const number = fc.nat(1_000_000)
const paging = fc.oneof(fc.record({ from: number, limit: number }), fc.record({ to: number, limit: number }), fc.constant(undefined))
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })
const lines = fc.record({ plan: name, first: number, last: optional(number) })
const view = fc.record({ lines: optional(lines), step: optional(name), tab: optional(name), q: optional(name) })

const place = fc.oneof(
  fc.record({ page: fc.constant('dashboard'), search: optional(name), all: optional(fc.constant(true)), dense: optional(fc.constant(true)) }),
  fc.record({ page: fc.constant('pipeline'), id, groups: fc.array(fc.string().filter((text) => text.isWellFormed()), { maxLength: 3 }), show: optional(fc.constantFrom('resources', 'list')), job: optional(name) }),
  fc.record({ page: fc.constant('pipeline-config'), id, version: optional(number), from: optional(number), job: optional(name) }),
  fc.record({ page: fc.constant('job'), id, job: name, paging }),
  fc.record({ page: fc.constant('job-build'), id, job: name, build: name, view }),
  fc.record({ page: fc.constant('build'), build: number, view }),
  fc.record({ page: fc.constant('resource'), id, resource: name, paging, filter: fc.array(fc.tuple(name.filter((key) => !key.includes(':')), fc.string().filter((text) => text.isWellFormed())), { maxLength: 3 }) }),
  fc.record({ page: fc.constant('causality'), id, resource: name, version: number, direction: fc.constantFrom('upstream', 'downstream') }),
  fc.record({ page: fc.constant('builds'), status: optional(name), team: optional(name) }),
  fc.record({ page: fc.constant('team'), team: name }),
  fc.record({ page: fc.constantFrom('download-fly', 'account', 'admin') }),
)

/** Without the keys that are undefined, also inside. */
const clean = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test('W1: a route of any names and vars is the same after it was a URL', () => {
  fc.assert(
    fc.property(place, fc.boolean(), (some, hideUi) => {
      const route = clean({ ...some, ...(hideUi && { hideUi: true }) }) as Route
      const url = new URL(formatRoute(route), 'http://ci.example')
      // What the address bar makes of it, and what it was.
      expect(clean(parseRoute(url.pathname + url.search + url.hash))).toEqual(route)
      expect(clean(parseRoute(formatRoute(route)))).toEqual(route)
    }),
    { numRuns: 1500 },
  )
})

const p = (pipeline = 'p', team = 't', some?: JsonObject): PipelineId => ({ team, pipeline, ...(some !== undefined && { vars: some }) })
const job = (build: string, more: object = {}): Place => ({ page: 'job-build', id: p(), job: 'j', build, view: {}, ...more })

/** URLs as Concourse's web UI writes them, and what they are. */
const literal: readonly (readonly [string, Route])[] = [
  ['/', { page: 'dashboard' }],
  ['/?search=team%3Amain', { page: 'dashboard', search: 'team:main' }],
  ['/?search=status%3A%20failed', { page: 'dashboard', search: 'status: failed' }],
  ['/?view=all', { page: 'dashboard', all: true }],
  ['/?search=x&view=all', { page: 'dashboard', search: 'x', all: true }],
  ['/hd', { page: 'dashboard', dense: true }],
  ['/hd?view=all', { page: 'dashboard', all: true, dense: true }],
  ['/teams/t/pipelines/p', { page: 'pipeline', id: p(), groups: [] }],
  ['/teams/t/pipelines/p?group=other-group', { page: 'pipeline', id: p(), groups: ['other-group'] }],
  ['/teams/t/pipelines/p?group=a&group=b', { page: 'pipeline', id: p(), groups: ['a', 'b'] }],
  ['/teams/t/pipelines/p?vars.k=%22s%22', { page: 'pipeline', id: p('p', 't', { k: 's' }), groups: [] }],
  ['/teams/t/pipelines/p?vars.a.b=1&vars.a.c=null', { page: 'pipeline', id: p('p', 't', { a: { b: 1, c: null } }), groups: [] }],
  ["/teams/t/pipelines/p?vars.foo.bar.%22baz.qux%22=1&vars.foo.bar.special_chars=%22%2F%5C%22'%26.%22&vars.k=%22s%22", { page: 'pipeline', id: p('p', 't', { foo: { bar: { 'baz.qux': 1, special_chars: '/"\'&.' } }, k: 's' }), groups: [] }],
  ['/teams/t/pipelines/p?vars.foo.bar.%22baz.qux%22=1&vars.k=%22s%22', { page: 'pipeline', id: p('p', 't', { foo: { bar: { 'baz.qux': 1 } }, k: 's' }), groups: [] }],
  ['/teams/t/pipelines/p?vars.list=%5B1%2C2%5D', { page: 'pipeline', id: p('p', 't', { list: [1, 2] }), groups: [] }],
  ['/teams/t/pipelines/p?vars.a=1&group=g', { page: 'pipeline', id: p('p', 't', { a: 1 }), groups: ['g'] }],
  ['/teams/t/pipelines/p/jobs/j', { page: 'job', id: p(), job: 'j' }],
  ['/teams/t/pipelines/p/jobs/j?from=1&limit=1', { page: 'job', id: p(), job: 'j', paging: { from: 1, limit: 1 } }],
  ['/teams/t/pipelines/p/jobs/j?to=9&limit=100', { page: 'job', id: p(), job: 'j', paging: { to: 9, limit: 100 } }],
  ['/teams/t/pipelines/p/jobs/j?vars.k=%22s%22', { page: 'job', id: p('p', 't', { k: 's' }), job: 'j' }],
  ['/teams/t/pipelines/p/jobs/j/builds/1', job('1')],
  ['/teams/t/pipelines/p/jobs/j/builds/1.1', job('1.1')],
  ['/teams/t/pipelines/p/jobs/j/builds/1#L5f:12', job('1', { view: { lines: { plan: '5f', first: 12 } } })],
  ['/teams/t/pipelines/p/jobs/j/builds/1#L5f:12:20', job('1', { view: { lines: { plan: '5f', first: 12, last: 20 } } })],
  ['/teams/t/pipelines/p/jobs/j/builds/latest', job('latest')],
  ['/teams/t/pipelines/p/jobs/j/builds/1?vars.k=1#L1:1', { page: 'job-build', id: p('p', 't', { k: 1 }), job: 'j', build: '1', view: { lines: { plan: '1', first: 1 } } }],
  ['/builds/318', { page: 'build', build: 318, view: {} }],
  ['/builds/318#L5f:1:2', { page: 'build', build: 318, view: { lines: { plan: '5f', first: 1, last: 2 } } }],
  ['/teams/t/pipelines/p/resources/r', { page: 'resource', id: p(), resource: 'r', filter: [] }],
  ['/teams/t/pipelines/p/resources/r?from=100&limit=1', { page: 'resource', id: p(), resource: 'r', paging: { from: 100, limit: 1 }, filter: [] }],
  ['/teams/t/pipelines/p/resources/r?to=1&limit=50', { page: 'resource', id: p(), resource: 'r', paging: { to: 1, limit: 50 }, filter: [] }],
  ['/teams/t/pipelines/p/resources/r?filter=ver%3A1', { page: 'resource', id: p(), resource: 'r', filter: [['ver', '1']] }],
  ['/teams/t/pipelines/p/resources/r?filter=a%3A1&filter=b%3Ax%3Ay', { page: 'resource', id: p(), resource: 'r', filter: [['a', '1'], ['b', 'x:y']] }],
  ['/teams/t/pipelines/p/resources/r?vars.k=true&filter=ref%3Aabc', { page: 'resource', id: p('p', 't', { k: true }), resource: 'r', filter: [['ref', 'abc']] }],
  ['/teams/t/pipelines/p/resources/r/causality/7/upstream', { page: 'causality', id: p(), resource: 'r', version: 7, direction: 'upstream' }],
  ['/teams/t/pipelines/p/resources/r/causality/7/downstream', { page: 'causality', id: p(), resource: 'r', version: 7, direction: 'downstream' }],
  ['/teams/t/pipelines/p/resources/r/causality/7/downstream?vars.k=%22s%22', { page: 'causality', id: p('p', 't', { k: 's' }), resource: 'r', version: 7, direction: 'downstream' }],
  ['/download-fly', { page: 'download-fly' }],
  ['/?hide_ui=true', { page: 'dashboard', hideUi: true }],
  ['/teams/t/pipelines/p?group=g&hide_ui=true', { page: 'pipeline', id: p(), groups: ['g'], hideUi: true }],
  ['/teams/other-team/pipelines/yet-another-pipeline/jobs/job', { page: 'job', id: p('yet-another-pipeline', 'other-team'), job: 'job' }],
]

test.each(literal)('W1: %s is that page, and is written so again', (url, route) => {
  expect(clean(parseRoute(url))).toEqual(route)
  expect(formatRoute(route)).toBe(url)
})

test.each([
  ['/?search=a+b', { page: 'dashboard', search: 'a b' }],
  ['/teams/t/pipelines/p/', { page: 'pipeline', id: p(), groups: [] }],
  ['/teams/t/pipelines/p/jobs/j?from=1&to=2&limit=3', { page: 'job', id: p(), job: 'j' }],
  ['/teams/t/pipelines/p/jobs/j?from=1', { page: 'job', id: p(), job: 'j' }],
  ['/teams/t/pipelines/p/jobs/j/builds/1#Lx', job('1')],
  ['/teams/t/pipelines/p?vars=%7B%22k%22%3A1%7D', { page: 'pipeline', id: p('p', 't', { k: 1 }), groups: [] }],
  ['/teams/t/pipelines/p?vars.k=nonsense&vars.=1&vars..a=2', { page: 'pipeline', id: p(), groups: [] }],
  ['/teams/t/pipelines/p?vars.__proto__.x=1', { page: 'pipeline', id: { team: 't', pipeline: 'p', vars: JSON.parse('{"__proto__":{"x":1}}') as JsonObject }, groups: [] }],
])('%s is read as Concourse reads it', (url, route) => {
  expect(clean(parseRoute(url))).toEqual(clean(route))
})

test.each(['/teams', '/teams/', '/teams/t/nothing', '/teams/t/pipelines', '/teams/t/pipelines/p/jobs', '/teams/t/pipelines/p/jobs/j/builds', '/builds/x', '/builds/1/2', '/hd/x', '/nothing', '/teams/t/pipelines/p/resources/r/causality/x/upstream', '/teams/t/pipelines/p/resources/r/causality/1/sideways'])('%s is no page', (url) => {
  expect(parseRoute(url).page).toBe('not-found')
})
