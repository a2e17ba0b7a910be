import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { expect, it } from 'vitest'
import { openPlainHttp } from './plain-http.ts'

it('gives out what was put, and says how long that took', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'airside-http-'))
  const path = join(folder, 'http')
  const server = await openPlainHttp({ path })
  const dispatcher = new Agent({ connect: { socketPath: path } })
  for (const text of ['once', 'and again']) {
    const carried = server.carried()
    const before = performance.now()
    await (await request('http://host/file', { method: 'PUT', body: text, dispatcher })).body.dump()
    expect(await (await request('http://host/file', { dispatcher })).body.text()).toBe(text)
    await (await request('http://host/done', { method: 'POST', dispatcher })).body.dump()
    const { ms, bytes } = await carried
    expect(bytes).toBe(text.length)
    expect(ms).toBeGreaterThan(0)
    expect(ms).toBeLessThan(performance.now() - before)
  }
  await dispatcher.close()
  await server.close()
  await rm(folder, { recursive: true })
})

it('says so when nothing was put', async () => {
  const server = await openPlainHttp({ host: '127.0.0.1' })
  const carried = server.carried()
  const refused = expect(carried).rejects.toThrow('ENOENT')
  await expect(request(`http://127.0.0.1:${server.port}/file`)).rejects.toThrow()
  await refused
  await server.close()
})
