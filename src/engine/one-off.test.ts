import { expect, test } from 'vitest'
import type { ArtifactRef } from '../model/artifact.ts'
import { taskYaml } from './testing/kit.ts'
import { memoryScope } from './testing/memory-store.ts'
import { World } from './testing/world.ts'

const artifact: ArtifactRef = { digest: `sha256:${'a'.repeat(64)}`, size: 3 }

/** Runs what `fly execute -i in -o out` sends, without the task. */
async function run(output: string) {
  const world = new World(`jobs: [{name: j, plan: [${taskYaml('unused')}]}]`)
  const engine = world.engine()
  const plan = { id: '1', ensure: { step: { id: '2', artifact_input: { artifact_id: 7, name: 'in' } }, ensure: { id: '3', in_parallel: { steps: [{ id: '4', artifact_output: { name: output } }] } } } }
  const id = world.store.insertStarted({ kind: 'one-off', scope: memoryScope }, { plan, artifacts: { in: { ...artifact } } })
  const end = await (await engine.claim(id))?.end
  await engine.stop()
  return { status: end?.status, kept: [...world.services.outputs.kept], id }
}

test('an output of a one-off build is kept for its author', async () => {
  const { status, kept, id } = await run('in')
  expect({ status, kept }).toEqual({ status: 'succeeded', kept: [[`${id}/in`, artifact]] })
})

test('an output that no step has made ends the build as errored', async () => {
  expect(await run('out')).toMatchObject({ status: 'errored', kept: [] })
})
