import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventLines, prepareScenario, runScenario } from './harness.ts'

/**
 * Each `NAME.yml` here is a pipeline whose first job is run on the fake runtime (steered by params, see
 * src/runtime/fake/script.ts); `NAME.events` holds the events expected. UPDATE_GOLDENS=1 writes them: review the diff.
 */
const folder = import.meta.dirname
const files = (await readdir(folder)).filter((file) => file.endsWith('.yml'))

test.each(files)('%s', async (file) => {
  const scenario = await prepareScenario(file)
  await runScenario(scenario, await readFile(join(folder, file), 'utf8'))
  const lines = `${eventLines(scenario).join('\n')}\n`
  const golden = join(folder, file.replace(/\.yml$/, '.events'))
  if (process.env['UPDATE_GOLDENS'] === '1') await writeFile(golden, lines)
  expect(lines).toBe(await readFile(golden, 'utf8'))
  expect([...scenario.services.runtime.containers.keys()], 'containers left behind').toEqual([])
})
