import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { serveMetrics } from './metrics-endpoint.ts'

test('metrics are answered at /metrics alone, and a failure to read them is a 500', async () => {
  let fails = false
  const served = await serveMetrics({ bind: '127.0.0.1', port: 0 }, { clock: fakeClock(), text: () => (fails ? Promise.reject(new Error('broken')) : Promise.resolve({ type: 'text/plain; version=0.0.4', body: 'a 1\n' })) })
  if (!served.ok) throw new Error(served.error.message)
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${served.value.port}${path}`)
    return [response.status, response.headers.get('content-type'), await response.text()]
  }
  expect(await get('/metrics')).toEqual([200, 'text/plain; version=0.0.4', 'a 1\n'])
  expect((await get('/'))[0]).toBe(404)
  fails = true
  expect((await get('/metrics'))[0]).toBe(500)
  await served.value.close(0)
})
