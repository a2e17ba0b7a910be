import { expect, test } from 'vitest'
import type { JsonObject } from '../model/json.ts'
import { contextOf, planOf, taskYaml } from './testing/kit.ts'
import { memoryScope } from './testing/memory-store.ts'
import { World } from './testing/world.ts'

const job = (...steps: string[]) => `jobs: [{name: j, plan: [${steps.join(', ')}]}]`

async function run(params: Record<string, string>, vars: JsonObject) {
  const world = new World(job(taskYaml('unused')))
  const engine = world.engine()
  const planned = planOf(job(taskYaml('t', params)))
  const id = world.store.insertStarted({ kind: 'job', scope: memoryScope }, { ...contextOf(planned), varSources: [{ name: 'd', type: 'dummy', config: { vars } }] })
  const end = await (await engine.claim(id))?.end
  await engine.stop()
  return { status: end?.status, world, id }
}

test('a build takes vars from its pipeline’s var sources', async () => {
  expect(await run({ TOKEN: '((d:token))' }, { token: 'x' })).toMatchObject({ status: 'succeeded' })
})

test('a build whose var source lacks the var ends with an error', async () => {
  expect(await run({ TOKEN: '((d:token))' }, {})).toMatchObject({ status: 'errored' })
})
