import { expect, test } from 'vitest'
import { useApi } from '../testing/database-world.ts'

const world = useApi()
const all = '/api/v1/components'
interface Shown { readonly name: string; readonly interval: number; readonly last_ran: string; readonly paused: boolean }

test('components are listed with their interval, and when they ran last on this server', async () => {
  const { call, options, clock } = world()
  const listed = (await call('GET', all)).json<Shown[]>()
  expect(listed).toContainEqual({ name: 'scanner', interval: 1e9, last_ran: '0001-01-01T00:00:00Z', paused: false })
  // The groups of fly's --runtime-components and --gc-components: it stops at the first that is not there.
  const groups = ['tracker', 'scanner', 'scheduler', 'reaper', ...['artifacts', 'builds', 'check_sessions', 'checks', 'containers', 'resource_cache_uses', 'resource_caches', 'task_caches', 'resource_configs', 'volumes', 'workers', 'pipelines'].map((name) => `collector_${name}`), 'pipeline_pauser']
  expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(groups))
  const components = options.components as unknown as { gate(name: string): { passed(): void } }
  components.gate('scanner').passed()
  expect((await call('GET', all)).json<Shown[]>().find(({ name }) => name === 'scanner')?.last_ran).toBe(new Date(clock.now()).toISOString())
})

test('components are paused and unpaused, one by one or all', async () => {
  const { call } = world()
  const paused = async () => (await call('GET', all)).json<Shown[]>().filter((one) => one.paused).map(({ name }) => name)
  expect((await call('PUT', `${all}/scheduler/pause`)).statusCode).toBe(200)
  expect((await call('PUT', `${all}/scheduler/pause`)).statusCode).toBe(200)
  expect(await paused()).toEqual(['scheduler'])
  expect((await call('PUT', `${all}/scheduler/unpause`)).statusCode).toBe(200)
  expect(await paused()).toEqual([])
  const { length } = (await call('GET', all)).json<Shown[]>()
  expect((await call('PUT', `${all}/pause`)).statusCode).toBe(200)
  expect(await paused()).toHaveLength(length)
  expect((await call('PUT', `${all}/unpause`)).statusCode).toBe(200)
  expect(await paused()).toEqual([])
})

test('a component that is not there is refused, with the names of those that are', async () => {
  const { call } = world()
  for (const name of ['nothing', 'constructor', '__proto__']) {
    const refused = await call('PUT', `${all}/${name}/pause`)
    expect([refused.statusCode, refused.payload]).toEqual([404, expect.stringContaining('there are scanner, scheduler, tracker')])
  }
})
