import { expect, test } from 'vitest'
import { PipelineConfigs } from './configs.ts'
import { UnreadableConfig } from './ports.ts'

const small = { jobs: [{ name: 'j', plan: [{ get: 'r' }] }], resources: [{ name: 'r', type: 'mock', source: {} }] }

/** A store of small configs, which counts reads. */
function storeOf(config: () => Promise<unknown> = () => Promise.resolve(small)) {
  const store = { reads: 0, config: () => ((store.reads += 1), config() as never) }
  return store
}

const pipelines = Array.from({ length: 1_000 }, (_, id) => ({ id, configVersion: 1 }))

test('the configs of a thousand small pipelines are read once', async () => {
  const store = storeOf()
  const configs = new PipelineConfigs(store)
  for (let time = 0; time < 3; time += 1) await Promise.all(pipelines.map((pipeline) => configs.of(pipeline)))
  expect(store.reads).toBe(1_000)
})

test('configs beyond the bound of bytes are read again, the latest used are not', async () => {
  const store = storeOf()
  const configs = new PipelineConfigs(store, 2_000)
  for (const pipeline of pipelines.slice(0, 20)) await configs.of(pipeline)
  await configs.of({ id: 19, configVersion: 1 })
  expect(store.reads).toBe(20)
  await configs.of({ id: 0, configVersion: 1 })
  expect(store.reads).toBe(21)
})

test('a config is read once for all who ask at the same time, and anew after a failure', async () => {
  let fails = true
  const store = storeOf(() => (fails ? Promise.reject(new UnreadableConfig(1, 'it was altered')) : Promise.resolve(small)))
  const configs = new PipelineConfigs(store)
  const [pipeline] = pipelines as [(typeof pipelines)[number]]
  expect(await Promise.all([configs.ifReadable(pipeline), configs.ifReadable(pipeline)])).toEqual([undefined, undefined])
  expect(store.reads).toBe(1)
  fails = false
  expect((await configs.of(pipeline))?.jobs?.[0]?.name).toBe('j')
  expect(store.reads).toBe(2)
})
