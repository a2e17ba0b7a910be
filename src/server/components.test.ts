import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { componentNames, components as known } from '../model/component.ts'
import { Components, type PausedComponents } from './components.ts'

/** One database, which several servers share. */
function memoryStore() {
  const paused = new Set<string>()
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of listeners) listener()
    return Promise.resolve()
  }
  const store: PausedComponents = {
    list: () => Promise.resolve([...paused]),
    pause: (names) => (names.forEach((name) => paused.add(name)), tell()),
    unpause: (names) => (names.forEach((name) => paused.delete(name)), tell()),
    onChange: (callback) => (listeners.add(callback), Promise.resolve(() => Promise.resolve(void listeners.delete(callback)))),
  }
  return { store, paused }
}

test('what is paused is known before anything begins, and a name of another version is ignored', async () => {
  const { store, paused } = memoryStore()
  paused.add('scanner').add('of-a-newer-version')
  const components = await Components.open(store, fakeClock(), silentLog)
  expect([components.gate('scanner').open, components.gate('tracker').open]).toEqual([false, true])
  expect(components.list().filter((one) => one.paused)).toEqual([{ name: 'scanner', paused: true }])
})

test('a pause by one server closes the gate of another, until it is stopped', async () => {
  const { store } = memoryStore()
  const [one, other] = [await Components.open(store, fakeClock(), silentLog), await Components.open(store, fakeClock(), silentLog)]
  await other.service.start()
  const gate = other.gate('scheduler')
  await one.pause(['scheduler'])
  expect(gate.open).toBe(false)
  await one.unpause(['scheduler'])
  expect(gate.open).toBe(true)
  await other.service.stop()
  await one.pause(['scheduler'])
  expect(gate.open).toBe(true)
})

test('docs/operate.md says what each component does', async () => {
  const text = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'operate.md'), 'utf8')
  const [, section = ''] = /\n## Components\n([\s\S]*?)\n## /.exec(text) ?? []
  const rows = [...section.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, does]) => [name, does])
  expect(rows).toEqual(componentNames.map((name) => [name, known[name].does]))
})
