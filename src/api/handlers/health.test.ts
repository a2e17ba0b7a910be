import { expect, test } from 'vitest'
import { useApi } from '../testing/database-world.ts'

let database: () => Promise<void> = () => Promise.resolve()
let runtime: { all: number; tasks: number } | undefined = { all: 0, tasks: 0 }
const world = useApi(({ worker, database: real }) => ({ worker: { ...worker, containers: () => Promise.resolve(runtime) }, database: { check: () => real.check().then(database) } }))

interface Health { readonly status: string; readonly database?: unknown; readonly workers?: unknown; readonly components?: readonly { readonly name: string; readonly status: string; readonly last_ran?: string }[] }
const health = async (as: 'viewer' | 'nobody' = 'viewer') => {
  const answer = await world().call('GET', '/api/v1/health', undefined, { as })
  return { code: answer.statusCode, ...answer.json<Health>() }
}

test('a server that works is ok; people without a login see no more than that', async () => {
  expect(await health()).toMatchObject({ code: 200, status: 'ok', database: { status: 'healthy' }, workers: { status: 'healthy', total: 1, running: 1 } })
  expect(await health('nobody')).toEqual({ code: 200, status: 'ok' })
})

test('a runtime that does not answer makes the server degraded', async () => {
  runtime = undefined
  expect(await health()).toMatchObject({ code: 200, status: 'degraded', workers: { status: 'unhealthy', running: 0 } })
  runtime = { all: 0, tasks: 0 }
})

test('a database that fails makes the server failing, with 503 and the reason', async () => {
  database = () => Promise.reject(new Error('the database is read-only'))
  expect(await health()).toMatchObject({ code: 503, status: 'failing', database: { status: 'unhealthy', error: 'the database is read-only' } })
  expect(await health('nobody')).toEqual({ code: 503, status: 'failing' })
  database = () => Promise.resolve()
})

test('a component that ran and then missed ten intervals is unhealthy, unless it is paused', async () => {
  const { options, clock, call } = world()
  const scanner = async () => (await health()).components?.find(({ name }) => name === 'scanner')
  expect((await scanner())?.last_ran).toBeUndefined()
  ;(options.components as unknown as { gate(name: string): { passed(): void } }).gate('scanner').passed()
  await clock.advance(60_000)
  expect([(await scanner())?.status, (await health()).status]).toEqual(['healthy', 'ok'])
  await clock.advance(1)
  expect([(await scanner())?.status, (await health()).status]).toEqual(['unhealthy', 'degraded'])
  await call('PUT', '/api/v1/components/scanner/pause')
  expect((await scanner())?.status).toBe('healthy')
})
