import { describe, expect, it } from 'vitest'
import { childrenRecord } from '../../engine/step-record.ts'
import type { JsonObject } from '../../model/json.ts'
import { BuildLogs } from '../build-logs.ts'
import { Builds } from '../builds.ts'
import { FormerBuilds } from '../former-builds.ts'
import { Scopes } from '../scopes.ts'
import { cipher, scopeIn } from './build-fixtures.ts'
import type { Target } from './target.ts'

const finished = (image?: JsonObject): JsonObject => ({ phase: 'finished', finished: {}, report: { times: {}, waits: [], outputs: [], ...(image && { image }) } })

export function formerBuildsSuite(target: Target): void {
  describe('builds of a job before one of them', () => {
    it('are the last five, with the digests of their images and the records of what was made, and only those with a plan', async () => {
      const db = await target.fresh()
      const builds = new Builds(db, cipher)
      const run = async (name: string, job = 'j'): Promise<number> => {
        const scope = { ...(await scopeIn(db)), ...(job !== 'j' && (await new Scopes(db).ensure({ team: 'main', pipeline: 'p', job }, 0))) }
        const id = await builds.createStarted({ kind: 'job', name, scope }, { plan: { of: name } }, 0)
        const steps = [
          { planId: '1', record: finished({ digest: `sha256:${name}` }) },
          { planId: '2', record: finished() },
          { planId: '3', record: finished({ reference: 'repo:tag' }) },
          { planId: '4', record: childrenRecord([[name]], ['s3cr3t']), secret: true as const },
          { planId: '5', record: { phase: 'assigned', handle: 'h', report: finished({ digest: 'sha256:5' })['report'] ?? null } },
        ]
        await builds.claim(`owner-${id}`, 1, 1_000_000, id)
        await builds.commit(id, `owner-${id}`, 2, { steps, finish: { status: 'succeeded' } })
        return id
      }
      const ids: number[] = []
      for (const name of ['1', '2', '3', '4', '5', '6', '7']) ids.push(await run(name))
      await run('other', 'k')
      const pending = await builds.create({ kind: 'job', name: '8', scope: await scopeIn(db) }, 0)
      const former = new FormerBuilds(db, cipher)
      const before = async (id: number) => [...(await former.before(id)).builds]
      expect((await before(pending)).map(({ name, context }) => [name, context])).toEqual(['7', '6', '5', '4', '3'].map((name) => [name, { plan: { of: name } }]))
      const behindPending = await builds.create({ kind: 'job', name: '9', scope: await scopeIn(db) }, 0)
      expect([(await former.before(pending)).settled, (await former.before(behindPending)).settled]).toEqual([true, false])
      const [last] = await before(ids[2] ?? 0)
      expect(last?.name).toBe('2')
      expect([...(last?.digests ?? [])].toSorted()).toEqual([['1', 'sha256:2'], ['5', 'sha256:5']])
      expect([...(last?.made ?? [])]).toEqual([['4', childrenRecord([['2']], ['s3cr3t'])]])
      expect(await before(ids[0] ?? 0)).toEqual([])

      await new BuildLogs(db).dropLogs(ids.slice(3, 6), 3)
      expect((await before(pending)).map(({ name }) => name)).toEqual(['7', '3'])
      const alone = await builds.createStarted({ kind: 'one-off', scope: { teamId: (await scopeIn(db)).teamId } }, {}, 0)
      expect(await before(alone)).toEqual([])
    })
  })
}
