import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import type { Cipher } from '../../db/cipher.ts'
import type { Db } from '../../db/db.ts'
import { resourcesYaml, Scenario } from './scenario.ts'

const pipeline = `${resourcesYaml('app', 'tool')}
jobs:
- {name: unit, serial_groups: [g], plan: [{get: app, version: every, trigger: true}]}
- {name: lint, serial_groups: [g, h], plan: [{get: app, trigger: true}, {get: tool}]}
- {name: each, plan: [{get: app, version: every, trigger: true}]}
- {name: docs, serial_groups: [h], plan: [{get: tool, trigger: true}]}
- {name: ship, max_in_flight: 2, plan: [{get: app, passed: [unit, lint], trigger: true}, {get: tool, passed: [lint]}]}`
const jobs = ['unit', 'each', 'lint', 'docs', 'ship'] as const

type Command =
  | { readonly kind: 'check'; readonly resource: 'app' | 'tool'; readonly news: number }
  | { readonly kind: 'trigger' | 'rerun' | 'abort' | 'pause' | 'unpause'; readonly job: (typeof jobs)[number] }
  | { readonly kind: 'finish'; readonly pick: number; readonly status: 'succeeded' | 'failed' }
  /** Wake-ups come to one scheduler, to both at once, or are lost. */
  | { readonly kind: 'wake'; readonly schedulers: readonly number[] }

const job = fc.constantFrom(...jobs)
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('check' as const), resource: fc.constantFrom('app' as const, 'tool' as const), news: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('trigger' as const, 'rerun' as const, 'abort' as const, 'pause' as const, 'unpause' as const), job }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('finish' as const), pick: fc.nat(9), status: fc.constantFrom('succeeded' as const, 'succeeded' as const, 'failed' as const) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('wake' as const), schedulers: fc.constantFrom([0], [1], [0, 1]) }) },
)

interface Built {
  readonly id: number
  readonly job: (typeof jobs)[number]
  readonly name: string
  readonly status: string
  readonly cause: string
  readonly firsts: readonly string[] | null
  readonly app: string | null
  /** Kind of the reason that it waits for. */
  readonly waits: string | null
}

/** Random commands, two schedulers, wake-ups late or lost: what must hold all the time, and what holds when all is done. */
export function schedulerModelSuite(target: Target, cipher: Cipher): void {
  describe('two schedulers', () => {
    let db: Db
    beforeAll(async () => {
      db = await target.fresh()
    })

    const built = (given: Scenario): Promise<Built[]> =>
      db.query<Built>(
        `select b.id, j.name as job, b.name, b.status, b.cause,
           (select array_agg(i.name) from build_inputs i where i.build_id = b.id and i.first_occurrence) as firsts,
           (select v.version ->> 'ver' from build_inputs i join versions v on v.id = i.version_id where i.build_id = b.id and i.name = 'app') as app,
           b.pending_reason::json ->> 'kind' as waits
         from builds b join jobs j on j.id = b.job_id join pipelines p on p.id = j.pipeline_id where p.name = $1 order by b.id`,
        [given.pipeline],
      )

    async function does(given: Scenario, next: Command, found: Map<string, number>): Promise<void> {
      const builds = await built(given)
      switch (next.kind) {
        case 'check': {
          const known = found.get(next.resource) ?? 0
          found.set(next.resource, known + next.news)
          await given.check(next.resource, ...Array.from({ length: next.news }, (_, index) => `${next.resource}${known + index + 1}`))
          return
        }
        case 'trigger':
          await given.trigger(next.job)
          return
        case 'rerun': {
          const original = builds.find(({ job: one, cause, status }) => one === next.job && cause !== 'rerun' && (status === 'succeeded' || status === 'failed'))
          if (original !== undefined) await given.rerun(next.job, original.name)
          return
        }
        case 'abort': {
          const pending = builds.find((build) => build.job === next.job && build.status === 'pending')
          if (pending !== undefined) await given.abort(next.job, pending.name)
          return
        }
        case 'pause':
        case 'unpause':
          await given.pause({ job: next.job }, next.kind === 'pause')
          return
        case 'finish': {
          const running = builds.filter(({ status }) => status === 'started')
          const one = running[next.pick % running.length]
          if (one !== undefined) await given.finish(one.job, one.name, next.status)
          return
        }
        case 'wake':
          await Promise.all(next.schedulers.map((scheduler) => given.pass(scheduler)))
      }
    }

    /** No slot is given twice, and nothing starts by itself without something new. */
    function holds(builds: readonly Built[]): void {
      const running = (...of: readonly string[]): number => builds.filter(({ job: one, status }) => status === 'started' && of.includes(one)).length
      expect([running('unit', 'lint') <= 1, running('lint', 'docs') <= 1, running('ship') <= 2]).toEqual([true, true, true])
      const idle = builds.filter(({ cause, status, firsts }) => cause === 'automatic' && status !== 'pending' && status !== 'aborted' && firsts === null)
      expect(idle.map(({ job: one, name }) => `${one} ${name}`)).toEqual([])
      for (const one of jobs) {
        const numbers = builds.filter((build) => build.job === one && build.cause !== 'rerun').map(({ name }) => Number(name))
        expect(numbers).toEqual(numbers.map((_, index) => index + 1))
      }
    }

    /** Jobs that are paused are unpaused, checks that builds wait for are done, builds end, and the poll comes. Nothing else wakes anything. */
    async function rest(given: Scenario): Promise<readonly Built[]> {
      for (const one of await given.pausedJobs()) await given.pause({ job: one }, false)
      for (let round = 0; round < 300; round++) {
        await given.pass(round % 2)
        const builds = await built(given)
        holds(builds)
        const running = builds.find(({ status }) => status === 'started')
        const checking = builds.some(({ status, waits }) => status === 'pending' && waits === 'checking')
        if (running !== undefined) await given.finish(running.job, running.name)
        else if (checking) for (const resource of ['app', 'tool'] as const) await given.check(resource)
        else return builds
      }
      throw new Error('it does not come to rest')
    }

    it('give no slot twice, lose no version of every, start nothing twice, and come to rest where all is built', async () => {
      let world = 0
      await fc.assert(
        fc.asyncProperty(fc.array(command, { minLength: 10, maxLength: 40 }), async (commands) => {
          const given = new Scenario(db, cipher, `model-${++world}`, { lazy: true })
          const found = new Map<string, number>()
          await given.set(pipeline)
          for (const next of commands) {
            await does(given, next, found)
            holds(await built(given))
          }
          // Something to choose for every job, so that all can come to rest.
          for (const resource of ['app', 'tool'] as const) await does(given, { kind: 'check', resource, news: 1 }, found)
          const builds = await rest(given)
          // Of version every none is lost after the first that was taken.
          for (const one of ['unit', 'each']) {
            const taken = [...new Set(builds.filter((build) => build.job === one && build.app !== null).map((build) => Number(build.app?.slice('app'.length))))].toSorted((a, b) => a - b)
            expect(taken).toEqual(Array.from({ length: (found.get('app') ?? 0) - (taken[0] ?? 0) + 1 }, (_, index) => (taken[0] ?? 0) + index))
          }
          expect(builds.filter(({ status }) => status === 'pending')).toEqual([])
          expect(await given.why('ship')).toBe('each version that would trigger it (of app) was in a build before')
        }),
        { numRuns: Number(process.env['AIRSIDE_MODELS'] ?? 4), endOnFailure: true },
      )
    })
  })
}
