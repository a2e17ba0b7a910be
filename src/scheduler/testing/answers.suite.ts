import { describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import type { Cipher } from '../../db/cipher.ts'
import type { Param, Queryable } from '../../db/db.ts'
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

      const plans: string[] = []
      const explained: Queryable = {
        async query<T>(sql: string, params: readonly Param[] = []) {
          const rows = await db.query<Record<string, string>>(`explain ${sql}`, params)
          plans.push(rows.map((row) => Object.values(row)[0]).join('\n'))
          return db.query<T>(sql, params)
        },
        script: (sql) => db.script(sql),
      }
      const answers = new Answers(explained)
      const asked: Ask[] = [
        { kind: 'versions', resource: id, from: { kind: 'newest' }, limit: 1 },
        { kind: 'versions', resource: id, from: { kind: 'above', order: 5_000 }, limit: 2 },
        { kind: 'versions', resource: id, from: { kind: 'down', order: 5_000 }, limit: 1 },
        { kind: 'pin', resource: id, pin: { ver: 'n9000' } },
      ]
      for (const ask of asked) await answers.answer(await given.jobId('unit'), ask)
      expect(plans).toHaveLength(asked.length)
      for (const plan of plans) expect(plan).not.toMatch(/\bSort\b/)
    })
  })
}
