import { expect, test } from 'vitest'
import type { Vars } from '../model/var.ts'
import { taskYaml } from './testing/kit.ts'
import { freeLease, live, outcome, removeAfterEnd, worldOf, type World } from './testing/lives.ts'
import { Life } from './testing/mortal.ts'

const text = `
jobs:
- name: turns
  plan:
  - ${taskYaml('first', { TOKEN: '((token))', FAKE_STDOUT: 'I am ((token))\nand more', FAKE_SPLIT: '4' })}
  - ${taskYaml('second', { FAKE_STDOUT: 'now ((token))', FAKE_SPLIT: '3' })}
`

/** A credential manager that gives another value each time, as one does that hands out tokens or changes passwords. */
function turning(): World {
  let asked = 0
  const vars: Vars = { get: () => Promise.resolve({ kind: 'found', value: `k7-turning-${++asked}-${'x'.repeat(asked)}`, secret: true }) }
  const world = worldOf(text)
  const commit = world.store.commit.bind(world.store)
  world.store.commit = (...args) => {
    const [, , , { steps = [] }] = args
    // The database encrypts what stands beside the record.
    for (const { record } of steps) expect(JSON.stringify(record)).not.toContain('k7-turning')
    return commit(...args)
  }
  return { ...world, services: { ...world.services, credentials: { varsOf: () => vars } } }
}

test('a secret that another one has replaced after a restart is hidden as before, wherever the server was killed', async () => {
  const undisturbed = turning()
  const life = new Life()
  await live(undisturbed, life)
  expect(outcome(undisturbed, false).events.join('\n')).toContain('I am ((redacted))')
  for (let kill = 1; kill <= life.points.length; kill += 1) {
    const world = turning()
    const first = new Life((_point, count) => count === kill)
    await live(world, first)
    if (world.store.row(world.buildId).status === 'started') {
      freeLease(world)
      await live(world, new Life())
    } else await removeAfterEnd(world)
    const { status, events } = outcome(world, false)
    const where = `killed at point ${kill}: ${first.points.at(-1)}`
    expect(status, where).toBe('succeeded')
    expect(events.join('\n'), where).not.toContain('k7-turning')
  }
})
