import { createServer } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { engineClient, readVersions } from './client.ts'

const podman = '{"Components":[{"Name":"Podman Engine","Version":"4.3.1","Details":{"APIVersion":"4.3.1","MinAPIVersion":"4.0.0"}}],"ApiVersion":"1.41"}'
const docker = '{"Platform":{"Name":"Docker Engine"},"Components":[{"Name":"Engine","Details":{"ApiVersion":"1.51","MinAPIVersion":"1.24"}}],"ApiVersion":"1.51"}'

it.each([
  ['Docker, newer than what was tried', docker, { docker: '/v1.47' }],
  ['Podman', podman, { docker: '/v1.41', podman: '/v4.0.0/libpod' }],
  ['an answer without versions', '{}', { docker: '/v1.24' }],
])('the API of %s', (_name, answer, versions) => {
  expect(readVersions(answer)).toEqual(versions)
})

it.each([
  ['Podman', podman, ['GET /v4.0.0/libpod/containers/json all=true', 'DELETE /v4.0.0/libpod/containers/one force=true&volumes=true&timeout=0']],
  ['Docker', docker, ['GET /v1.47/containers/json all=1', 'DELETE /v1.47/containers/one force=1&v=1']],
])('lists and removes in the API of %s that hides nothing and waits for nothing', async (_name, version, calls) => {
  const folder = await mkdtemp(join(tmpdir(), 'airside-engine-'))
  const seen: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://engine')
    if (url.pathname === '/version') return void response.end(version)
    url.searchParams.delete('filters')
    seen.push(`${request.method} ${url.pathname} ${url.searchParams}`)
    response.end('[]')
  })
  const path = join(folder, 'socket')
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const client = engineClient({ kind: 'unix', path })
  try {
    expect(await client.list(['a=b'])).toEqual({ ok: true, value: [] })
    expect(await client.remove('one')).toMatchObject({ ok: true })
    expect(seen).toEqual(calls)
  } finally {
    await client.close()
    server.close()
    await rm(folder, { recursive: true })
  }
})
