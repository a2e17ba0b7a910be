import { afterEach, describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import { CheckedPipelines } from './checked-pipeline.ts'

const megabyte = 1024 * 1024

/** A check of this resource prints the text. */
const prints = (name: string, text: string): string => JSON.stringify({ name, type: 'mock', source: { response: text } })
const pipeline = (...resources: readonly string[]): string => `{resources: [${resources.join(', ')}], jobs: [{name: j, plan: [${['app', 'other'].map((name) => `{get: ${name}, trigger: true}`).join(', ')}]}]}`
const good = (...names: readonly string[]): string[] => names.map((name) => `{name: ${name}, type: registry-image, source: {repository: ${name}}}`)

/** What checks print, and what stored configs are, can be anything: the resource shows what is wrong, and the checks of all others go on. */
export function badInputSuite(target: Target): void {
  describe('bad input of checks', () => {
    let given: CheckedPipelines
    afterEach(() => given.stop())
    const failed = 'of its own resource is told, and others are checked'

    it.each<[string, string, string | null]>([
      ['garbage', 'Cloning into x', '/opt/resource/check printed something on stdout that is not JSON: "Cloning into x"'],
      ['nothing', '', '/opt/resource/check printed nothing on stdout'],
      ['what is no version', '[{"ref": 1}]', '/opt/resource/check printed a version that is not a map of strings, at index 0'],
      ['100 000 versions', `[${Array.from({ length: 100_000 }, (_, n) => `{"n":"${n}"}`).join(',')}]`, '/opt/resource/check printed 100000 versions; at most 50000 are read'],
      ['a version of 1 MB', JSON.stringify([{ ref: 'x'.repeat(megabyte) }]), null],
    ])(`%s: the error ${failed}`, async (_what, response, error) => {
      const db = await target.fresh()
      given = new CheckedPipelines(db)
      const id = await given.set(pipeline(...good('app'), prints('other', response)))
      given.finds('app', 'v1')
      await given.start()
      await given.advance(60)
      given.finds('app', 'v1', 'v2')
      await given.advance(120)
      const [row] = await db.query<{ error: string | null; versions: number; size: number }>(
        `select error, (select count(*)::integer from scope_versions v where v.scope_id = c.scope_id) as versions,
           (select coalesce(max(length(version ->> 'ref')), 0) from scope_versions v join versions on versions.id = version_id where v.scope_id = c.scope_id) as size
         from scope_checks c join resources r using (scope_id) where r.pipeline_id = $1 and r.name = 'other'`,
        [id],
      )
      if (error === null) expect(row).toEqual({ error: null, versions: 1, size: megabyte })
      else expect(row).toEqual({ error: expect.stringContaining(error) as unknown, versions: 0, size: 0 })
      expect(await given.order(id, 'app')).toEqual(['v1', 'v2'])
    })

    it(`a config that cannot be read: the error ${failed}, those of another pipeline with the same source too`, async () => {
      const db = await target.fresh()
      given = new CheckedPipelines(db)
      const [poisoned, healthy] = [await given.set(pipeline(...good('app', 'other')), { name: 'poisoned' }), await given.set(pipeline(...good('app', 'other')), { name: 'healthy' })]
      for (const name of ['app', 'other']) given.finds(name, 'v1')
      await given.start()
      await given.advance(120)
      await given.stop()
      // The resources of both pipelines share their scopes now. A server that starts has read no config.
      await db.query(`update pipeline_configs set config = 'poison' where pipeline_id = $1`, [poisoned])
      given = new CheckedPipelines(db)
      given.finds('app', 'v1', 'v2')
      await given.start()
      await given.advance(600)
      expect(await given.order(healthy, 'app')).toEqual(['v1', 'v2'])
      const [check] = await db.query<{ payload: string }>(
        `select e.payload from build_events e join builds b on b.id = e.build_id where b.kind = 'check' and b.pipeline_id = $1 and e.type = 'error' order by b.id desc limit 1`,
        [poisoned],
      )
      expect(check?.payload).toContain(`the stored config of pipeline ${poisoned} cannot be read: `)
    })
  })
}
