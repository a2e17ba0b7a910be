import pino from 'pino'
import { expect, test } from 'vitest'
import { about } from '../lib/about.ts'
import { taskYaml } from './testing/kit.ts'
import { World } from './testing/world.ts'

function logger() {
  const lines: Record<string, unknown>[] = []
  return { lines, log: pino({ base: null, timestamp: false, mixin: about }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) }) }
}

test('each line about a build has its team, pipeline, job and id, whoever writes it', async () => {
  const { lines, log } = logger()
  const world = new World(`
jobs: [{name: j, plan: [${taskYaml('a')}]}]`, {}, { log })
  const { runtime } = world.services
  runtime.beforeCreate = () => {
    log.warn({ component: 'fake' }, 'from the runtime')
    return Promise.reject(new Error('broken'))
  }
  expect(await world.run()).toBe('errored')
  expect(lines.map(({ msg }) => msg)).toContain('build ended by an internal error')
  for (const line of lines) expect(line).toMatchObject({ team: 'main', pipeline: 'p', job: 'j', build: world.buildId })
})
