import { describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import type { Cipher } from '../../db/cipher.ts'
import type { Db, Param, Queryable } from '../../db/db.ts'
import { Answers } from '../../db/scheduling/answers.ts'
import type { Ask } from '../ports.ts'
import { resourcesYaml, Scenario } from './scenario.ts'

/** What choosing inputs asks has to take as long with a long history as with a short one. */
export function schedulerAnswersSuite(target: Target, cipher: Cipher): void {
  describe('answers to what choosing inputs asks', () => {
    it('read versions of a scope in the order of its index, and sort none, however many there are', async () => {
      const db = await target.fresh()
      const given = new Scenario(db, cipher, 'answers', { lazy: true })
      await given.set(`${resourcesYaml('app')}\njobs: [{name: unit, plan: [{get: app, trigger: true}]}]`)
      await given.check('app', 'v1')
      const [{ id, scope } = { id: 0, scope: 0 }] = await db.query<{ id: number; scope: number }>('select id, scope_id as scope from resources')
      await db.query(
        `with made as (insert into versions (hash, version) select sha256(n::text::bytea), json_build_object('ver', 'n' || n)::jsonb from generate_series(1, 10000) as n returning id)
         insert into scope_versions (scope_id, version_id, check_order, created_at) select $1, id, row_number() over (order by id) + 1, 0 from made`,
        [scope],
      )
      await db.script('analyze scope_versions; analyze versions; analyze resources')

      const { answers, plans } = explained(db)
      const asked: Ask[] = [
        { kind: 'versions', resource: id, from: { kind: 'newest' }, limit: 1 },
        { kind: 'versions', resource: id, from: { kind: 'above', order: 5_000 }, limit: 2 },
        { kind: 'versions', resource: id, from: { kind: 'down', order: 5_000 }, limit: 1 },
        { kind: 'pin', resource: id, pin: { ver: 'n9000' } },
      ]
      for (const ask of asked) await answers.answer(await given.jobId('unit'), ask)
      expect(plans).toHaveLength(asked.length)
      for (const plan of plans) expect(plan).not.toMatch(/\bSort\b/)

      // Of many jobs that ask at once all but the first share a statement.
      const job = await given.jobId('unit')
      const newest = await Promise.all(Array.from({ length: 30 }, (_, at) => answers.answer(job, { kind: 'versions', resource: at === 7 ? 999 : id, from: { kind: 'newest' }, limit: 1 })))
      expect(plans).toHaveLength(asked.length + 2)
      const [version] = await db.query<{ id: number }>('select version_id as id from scope_versions order by check_order desc limit 1')
      expect(newest).toEqual(newest.map((_, at) => ({ kind: 'versions', versions: at === 7 ? [] : [version?.id] })))
    })

    it('say what passed jobs by the index, not by a scan of what passed any job', async () => {
      const db = await target.fresh()
      const given = await new Scenario(db, cipher, 'passed', { lazy: true }).set(passedYaml)
      await given.check('app', 'v1')
      const [{ id } = { id: 0 }] = await db.query<{ id: number }>('select id from resources')
      const [unit, e2e] = [await given.jobId('unit'), await given.jobId('e2e')]
      await db.query(
        `with made as (insert into versions (hash, version) select sha256(n::text::bytea), json_build_object('ver', 'n' || n)::jsonb from generate_series(1, 2000) as n returning id)
         insert into passed_versions (job_id, resource_id, version_id) select job, $1, id from made, unnest($2::bigint[]) as job`,
        [id, [unit, e2e]],
      )
      await db.script('analyze passed_versions')
      const { answers, plans } = explained(db)
      const answer = await answers.answer(unit, { kind: 'domain', jobs: [unit, e2e], resource: id, limit: 257 })
      expect(answer.kind === 'versions' && answer.versions).toHaveLength(257)
      expect(plans[0]).not.toMatch(/Seq Scan on passed_versions/)
      await db.query('delete from passed_versions where job_id = $1 and version_id <> (select max(version_id) from passed_versions)', [e2e])
      const [{ last } = { last: 0 }] = await db.query<{ last: number }>('select max(version_id) as last from passed_versions')
      expect(await answers.answer(unit, { kind: 'domain', jobs: [unit, e2e], resource: id, limit: 257 })).toEqual({ kind: 'versions', versions: [last] })
    })

    it('list all that successes list, page by page, where they are read at once, and say apart which versions can be used', async () => {
      const db = await target.fresh()
      const given = await new Scenario(db, cipher, 'columns').set(passedYaml)
      for (const version of ['v1', 'v2', 'v3']) {
        await given.check('app', version)
        await given.finish('unit', version.slice(1))
      }
      await given.disable('app', 'v2')
      const answers = new Answers(db)
      const unit = await given.jobId('unit')
      const first = await answers.answer(unit, { kind: 'columns', job: unit, limit: 2 })
      if (first.kind !== 'successes') throw new Error(first.kind)
      const second = await answers.answer(unit, { kind: 'columns', job: unit, limit: 2, after: first.successes[1] ?? { order: 0, build: 0 } })
      if (second.kind !== 'successes') throw new Error(second.kind)
      const all = [...first.successes, ...second.successes]
      const rows = await db.query<{ build: number; order: number; job: number; resources: number[]; versions: number[] }>(
        'select build_id as build, ord as order, job_id as job, resources, versions from successes where job_id = $1 order by ord desc',
        [unit],
      )
      expect(all).toEqual(rows)
      expect(all).toHaveLength(3)
      const asked = { resources: all.flatMap(({ resources }) => resources), versions: all.flatMap(({ versions }) => versions) }
      expect(await answers.answer(unit, { kind: 'usable', ...asked })).toEqual({ kind: 'usable', usable: [true, false, true] })
      expect(await answers.answer(unit, { kind: 'usable', resources: [999], versions: [1] })).toEqual({ kind: 'usable', usable: [false] })
    })
  })
}

const passedYaml = `${resourcesYaml('app')}\njobs: [{name: unit, plan: [{get: app, trigger: true}]}, {name: e2e, plan: [{get: app, trigger: true}]}]`

/** What answers questions, and the plans of its statements. */
function explained(db: Db): { readonly answers: Answers; readonly plans: string[] } {
  const plans: string[] = []
  const query: Queryable['query'] = async <T>(sql: string, params: readonly Param[] = []) => {
    const rows = await db.query<Record<string, string>>(`explain ${sql}`, params)
    plans.push(rows.map((row) => Object.values(row)[0]).join('\n'))
    return db.query<T>(sql, params)
  }
  return { answers: new Answers({ query, script: (sql) => db.script(sql) }), plans }
}
