import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent } from 'undici'
import type { ClusterAccess } from '../client/access.ts'
import type { KubernetesObject } from '../client/objects.ts'

interface Stored extends KubernetesObject {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string; readonly [key: string]: unknown }
}

interface Entry {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly version: number
  readonly object: Stored
}

/** What goes wrong with a watch. `none` mends nothing that is broken already. */
export type Fault = 'end' | 'reset' | 'half-line' | 'garbage' | 'gone' | 'repeat' | 'compact' | 'list-500' | 'empty'

/** A small API server with one kind of objects: list, watch, and answers that a test puts in. */
export interface FakeApi {
  readonly access: ClusterAccess
  readonly objects: ReadonlyMap<string, Stored>
  put(name: string, more?: object): Stored
  remove(name: string): void
  fault(fault: Fault): void
  /** Answers calls before the server does; undefined: the server's own. */
  answer: ((method: string, path: string, body: unknown) => { readonly status: number; readonly body: object } | 'hang-up' | undefined) | undefined
  readonly calls: { readonly method: string; readonly path: string; readonly body: unknown }[]
  stop(): Promise<void>
}

export async function startFakeApi(): Promise<FakeApi> {
  const objects = new Map<string, Stored>()
  const log: Entry[] = []
  const watchers = new Set<{ send(entry: Entry): void; response: ServerResponse }>()
  const calls: { method: string; path: string; body: unknown }[] = []
  let version = 100
  let oldest = 0
  let uids = 0
  let listsFail = 0
  let empty = 0

  const record = (type: Entry['type'], object: Stored): void => {
    const entry = { type, version, object }
    log.push(entry)
    for (const watcher of watchers) watcher.send(entry)
  }
  const line = ({ type, object }: Entry): string => `${JSON.stringify({ type, object })}\n`

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://fake')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body: unknown = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())
    calls.push({ method: request.method ?? '', path: url.pathname, body })
    const given = fake.answer?.(request.method ?? '', request.url ?? '', body)
    if (given === 'hang-up') return void request.socket.destroy()
    if (given !== undefined) return send(response, given.status, given.body)
    if (url.searchParams.get('watch') === '1' && url.pathname.endsWith('/events')) return response.writeHead(200).flushHeaders()
    if (url.searchParams.get('watch') === '1') return watch(response, Number(url.searchParams.get('resourceVersion')))
    if (request.method === 'GET' && listsFail > 0) {
      listsFail--
      return send(response, 500, { kind: 'Status', message: 'etcd is away' })
    }
    if (url.pathname.endsWith('/events')) return send(response, 200, { metadata: { resourceVersion: '1' }, items: [] })
    const name = /\/pods\/([^/]+)$/.exec(url.pathname)?.[1]
    if (request.method === 'POST' && url.pathname.endsWith('/pods')) {
      const pod = body as Stored
      if (objects.has(pod.metadata.name)) return send(response, 409, { kind: 'Status', reason: 'AlreadyExists', message: `pods "${pod.metadata.name}" already exists` })
      return send(response, 201, fake.put(pod.metadata.name, pod))
    }
    if (request.method === 'DELETE' && name !== undefined) {
      const found = objects.has(name)
      fake.remove(name)
      return send(response, found ? 200 : 404, { kind: 'Status', reason: found ? '' : 'NotFound' })
    }
    const patched = /\/pods\/([^/]+)(?:\/resize)?$/.exec(url.pathname)?.[1]
    if (request.method === 'PATCH' && patched !== undefined) return patch(response, patched, body as Stored)
    if (url.pathname.endsWith('/selfsubjectaccessreviews')) return send(response, 201, { status: { allowed: true } })
    if (request.method !== 'GET') return send(response, 200, { kind: 'Status' })
    if (url.pathname.includes('/serviceaccounts/')) return send(response, 200, { imagePullSecrets: [{ name: 'account-pull' }] })
    if (url.pathname === '/version') return send(response, 200, { major: '1', minor: '36' })
    if (name === undefined) return send(response, 200, { metadata: { resourceVersion: String(version) }, items: [...objects.values()].filter(selectedBy(url.searchParams.get('labelSelector') ?? '')) })
    const found = objects.get(name)
    return found === undefined ? send(response, 404, { kind: 'Status', reason: 'NotFound', message: 'not found' }) : send(response, 200, found)
  }

  /** Of metadata alone, and only if the version that it names, if any, is the newest. */
  function patch(response: ServerResponse, name: string, { metadata }: Stored): void {
    const found = objects.get(name)
    if (found === undefined) return send(response, 404, { kind: 'Status', reason: 'NotFound', message: 'not found' })
    if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== found.metadata.resourceVersion) return send(response, 409, { kind: 'Status', reason: 'Conflict', message: 'the object has been modified' })
    const merged = (key: 'labels' | 'annotations') => ({ ...found.metadata[key] as object, ...metadata[key] as object })
    send(response, 200, fake.put(name, { ...found, metadata: { ...found.metadata, labels: merged('labels'), annotations: merged('annotations') } }))
  }

  function watch(response: ServerResponse, from: number): void {
    if (empty > 0) {
      empty--
      response.writeHead(200).end()
      return
    }
    if (from < oldest) return send(response, 410, { kind: 'Status', code: 410, message: 'too old resource version' })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const watcher = { response, send: (entry: Entry) => void (response.writableEnded || response.write(line(entry))) }
    for (const entry of log) if (entry.version > from) watcher.send(entry)
    watchers.add(watcher)
    response.on('close', () => watchers.delete(watcher))
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const dispatcher = new Agent()
  const fake: FakeApi = {
    access: {
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      context: 'fake',
      namespace: undefined,
      credentials: () => Promise.resolve({ headers: {}, dispatcher, agent: undefined as never, tls: {} }),
      renew: () => {},
      close: () => Promise.resolve(),
    },
    objects,
    calls,
    answer: undefined,
    put(name, more = {}) {
      version++
      const before = objects.get(name)
      const extra = more as { metadata?: object }
      const object: Stored = {
        ...more,
        metadata: { ...extra.metadata, name, uid: before?.metadata.uid ?? `uid-${++uids}`, resourceVersion: String(version) },
      }
      objects.set(name, object)
      record(before === undefined ? 'ADDED' : 'MODIFIED', object)
      return object
    },
    remove(name) {
      const object = objects.get(name)
      if (object === undefined) return
      version++
      objects.delete(name)
      record('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } })
    },
    fault(fault) {
      if (fault === 'list-500') listsFail++
      if (fault === 'empty') empty++
      if (fault === 'compact') {
        oldest = version
        log.length = 0
      }
      for (const { response } of watchers) {
        if (response.writableEnded) continue
        switch (fault) {
          case 'end':
          case 'empty':
          case 'list-500':
            response.end()
            break
          case 'compact':
          case 'reset':
            response.destroy()
            break
          case 'half-line':
            response.end('{"type":"MODIFIED","object":{"meta')
            break
          case 'garbage':
            response.write('{"type":"ADDED","object":\u0000}\n')
            break
          case 'gone':
            response.write(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } })}\n`)
            break
          case 'repeat':
            // What was, again and out of order.
            for (const entry of log.slice(-5).toReversed()) response.write(line(entry))
            break
        }
      }
    },
    async stop() {
      server.closeAllConnections()
      await dispatcher.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return fake
}

/** `key=value` with commas between them, as the runtime asks. */
function selectedBy(selector: string): (object: Stored) => boolean {
  const wanted = selector.split(',').filter((term) => term !== '').map((term) => term.split('='))
  return ({ metadata }) => wanted.every(([key = '', value]) => (metadata['labels'] as Readonly<Record<string, string>> | undefined)?.[key] === value)
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
