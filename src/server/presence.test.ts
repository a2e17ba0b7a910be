import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { presence } from './presence.ts'

test('a server says every five seconds that it runs, also after a failure, and at its stop that it has left', async () => {
  const clock = fakeClock(0)
  const told: string[] = []
  let away = false
  const service = presence({
    id: 's', peerUrl: 'http://s', clock, log: silentLog,
    register: {
      seen: (id, url, now) => (away ? Promise.reject(new Error('away')) : Promise.resolve(void told.push(`${id} ${url} ${now}`))),
      left: (id) => Promise.resolve(void told.push(`${id} left`)),
    },
  })
  await service.start()
  await clock.advance(5_000)
  away = true
  await clock.advance(5_000)
  away = false
  await clock.advance(5_000)
  await service.stop()
  expect(told).toEqual(['s http://s 0', 's http://s 5000', 's http://s 15000', 's left'])
})
