import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openServer } from '../src/app/open-server.ts'
import { silentLog } from '../src/lib/log.ts'
import { ok } from '../src/model/result.ts'
import { FakeRuntime } from '../src/runtime/fake/runtime.ts'
import { startServer } from '../src/server/server.ts'
import { createRendezvous } from '../src/supervision/rendezvous.ts'

export interface ApiServer {
  readonly url: string
  logIn(): Promise<string>
  /** Answers the body; throws unless the status is 2xx. */
  ask(method: string, path: string, body?: string, headers?: Readonly<Record<string, string>>): Promise<string>
  stop(): Promise<void>
}

/** `airside web` on a runtime in memory and an embedded database in the folder. */
export async function openApiServer(folder: string): Promise<ApiServer> {
  const opened = await openServer(
    { data: folder, externalUrl: 'http://ci.example', runtime: { kind: 'docker' }, baseTypes: new Map(), prepareAhead: 1, nativeImageFetch: true, log: silentLog, progress: () => undefined },
    {
      runtime: (options, { stores, clock, log }) =>
        Promise.resolve(ok({ runtime: new FakeRuntime(), rendezvous: createRendezvous({ key: stores.key, secret: stores.secret, store: stores.artifacts, clock, log }), options, description: 'in memory', removeImages: () => Promise.resolve(), close: () => Promise.resolve() })),
    },
  )
  if (!opened.ok) throw new Error(opened.error.message)
  const server = await startServer({ ...opened.value, address: { bind: '127.0.0.1', port: 0 }, log: silentLog })
  if (!server.ok) throw new Error(server.error.message)
  const url = `http://127.0.0.1:${server.value.port}`
  const password = (await readFile(join(folder, 'admin-password'), 'utf8')).trim()

  const logIn = async (): Promise<string> => {
    const answer = await fetch(`${url}/sky/issuer/token`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from('fly:Zmx5').toString('base64')}` }, body: new URLSearchParams({ grant_type: 'password', username: 'admin', password }) })
    return ((await answer.json()) as { access_token: string }).access_token
  }
  let token = await logIn()
  let sent = 0
  return {
    url,
    logIn,
    async ask(method, path, body, headers = {}) {
      sent += 1
      // A token has 500 requests at once.
      if (sent % 400 === 0) token = await logIn()
      const answer = await fetch(`${url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}`, ...headers, ...(body !== undefined && { 'content-type': 'application/x-yaml' }) }, ...(body !== undefined && { body }) })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return text
    },
    stop: () => server.value.stop(),
  }
}
