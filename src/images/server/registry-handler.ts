import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { digestProblem, pathProblem } from '../reference/grammar.ts'
import { digestOf } from '../registry/digest-cache.ts'
import { parseRegistryPath, type RegistryPath } from './registry-path.ts'
import type { RegistryStore } from './registry-store.ts'

const manifestLimit = 4 * 1024 * 1024

type Of<K extends RegistryPath['kind']> = Extract<RegistryPath, { kind: K }>

/** Answers one request of the distribution API (v2) from a store. */
export async function handleRegistryRequest(
  store: RegistryStore,
  readOnly: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://registry')
  const path = parseRegistryPath(url.pathname)
  const call: Call = { store, request, response, query: url.searchParams, method: request.method ?? 'GET' }
  response.setHeader('docker-distribution-api-version', 'registry/2.0')
  if (path === undefined) return refuse(call, 404, 'NAME_INVALID', 'no such path, or not a valid name, tag or digest')
  if (readOnly && call.method !== 'GET' && call.method !== 'HEAD') return refuse(call, 405, 'UNSUPPORTED', 'this registry is read-only')
  switch (path.kind) {
    case 'base':
      return json(call, 200, {})
    case 'manifest':
      return manifest(call, path)
    case 'blob':
      return blob(call, path)
    case 'uploads':
      return uploads(call, path)
    case 'upload':
      return upload(call, path)
    case 'tags':
      return tags(call, path)
  }
}

interface Call {
  readonly store: RegistryStore
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly method: string
}

async function manifest(call: Call, { name, reference }: Of<'manifest'>): Promise<void> {
  const { store, response, method } = call
  if (method === 'GET' || method === 'HEAD') {
    const found = await store.manifest(name, reference)
    if (found === undefined) return refuse(call, 404, 'MANIFEST_UNKNOWN', `manifest unknown: ${reference}`)
    response.writeHead(200, {
      'content-type': found.mediaType,
      'content-length': found.bytes.byteLength,
      'docker-content-digest': found.digest,
      etag: `"${found.digest}"`,
    })
    response.end(method === 'HEAD' ? undefined : found.bytes)
    return
  }
  if (method === 'DELETE') {
    const gone = await store.deleteManifest(name, reference)
    return gone ? empty(call, 202) : refuse(call, 404, 'MANIFEST_UNKNOWN', `manifest unknown: ${reference}`)
  }
  if (method !== 'PUT') return unsupported(call)
  const bytes = await body(call.request, manifestLimit)
  if (bytes === undefined) return refuse(call, 413, 'SIZE_INVALID', `manifest larger than ${manifestLimit} bytes`)
  const digest = digestOf(bytes, reference.includes(':') ? reference : undefined)
  if (reference.includes(':') && digest !== reference) return refuse(call, 400, 'DIGEST_INVALID', `manifest is ${digest}`)
  const lacking = await lackingPart(store, name, bytes)
  if (lacking !== undefined) return refuse(call, 400, lacking.code, lacking.message)
  await store.putManifest(name, reference, call.request.headers['content-type'] ?? 'application/octet-stream', bytes)
  return empty(call, 201, { location: `/v2/${name}/manifests/${digest}`, 'docker-content-digest': digest })
}

/** A manifest is taken only when everything it points at is there, as pulls of it must not fail half-way. */
async function lackingPart(store: RegistryStore, name: string, bytes: Uint8Array): Promise<{ code: string; message: string } | undefined> {
  let document: { manifests?: unknown; config?: unknown; layers?: unknown }
  try {
    document = JSON.parse(Buffer.from(bytes).toString('utf8')) as typeof document
  } catch {
    return { code: 'MANIFEST_INVALID', message: 'manifest is not JSON' }
  }
  const list = (value: unknown): { digest?: unknown; urls?: unknown }[] => (Array.isArray(value) ? (value as { digest?: unknown }[]) : [])
  for (const child of list(document?.manifests)) {
    if (!isDigest(child?.digest) || !(await store.hasManifest(name, child.digest))) {
      return { code: 'MANIFEST_BLOB_UNKNOWN', message: `index names an unknown manifest ${String(child?.digest)}` }
    }
  }
  const blobs = [...(document?.config === undefined ? [] : list([document.config])), ...list(document?.layers)]
  for (const part of blobs) {
    if (!isDigest(part?.digest)) return { code: 'MANIFEST_INVALID', message: 'manifest has a part without a valid digest' }
    const foreign = Array.isArray(part.urls) && part.urls.length > 0
    if (!foreign && (await store.blobSize(name, part.digest)) === undefined) {
      return { code: 'MANIFEST_BLOB_UNKNOWN', message: `blob unknown: ${part.digest}` }
    }
  }
  return undefined
}

async function blob(call: Call, { name, digest }: Of<'blob'>): Promise<void> {
  const { store, response, method, request } = call
  if (method === 'DELETE') {
    return (await store.deleteBlob(name, digest)) ? empty(call, 202) : refuse(call, 404, 'BLOB_UNKNOWN', `blob unknown: ${digest}`)
  }
  if (method !== 'GET' && method !== 'HEAD') return unsupported(call)
  const size = await store.blobSize(name, digest)
  if (size === undefined) return refuse(call, 404, 'BLOB_UNKNOWN', `blob unknown: ${digest}`)
  const headers = { 'content-type': 'application/octet-stream', 'docker-content-digest': digest, 'accept-ranges': 'bytes', etag: `"${digest}"` }
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  if (asked !== null && method === 'GET') {
    const start = Number(asked[1])
    const end = Math.min(asked[2] === '' ? size - 1 : Number(asked[2]), size - 1)
    if (start > end) return empty(call, 416, { 'content-range': `bytes */${size}` })
    response.writeHead(206, { ...headers, 'content-length': end - start + 1, 'content-range': `bytes ${start}-${end}/${size}` })
    return pipeline(store.openBlob(digest, { start, end }), response)
  }
  response.writeHead(200, { ...headers, 'content-length': size })
  if (method === 'HEAD') return void response.end()
  return pipeline(store.openBlob(digest), response)
}

async function uploads(call: Call, { name }: Of<'uploads'>): Promise<void> {
  const { store, query, method, request } = call
  if (method !== 'POST') return unsupported(call)
  const mount = query.get('mount') ?? ''
  const from = query.get('from') ?? ''
  if (isDigest(mount) && pathProblem(from) === undefined && (await store.mountBlob(name, from, mount))) return created(call, name, mount)
  const id = await store.startUpload()
  const digest = query.get('digest')
  if (digest === null) {
    request.resume()
    return empty(call, 202, progress(name, id, 0))
  }
  await store.appendUpload(id, request)
  return finish(call, name, id, digest)
}

async function upload(call: Call, { name, id }: Of<'upload'>): Promise<void> {
  const { store, method, request, query } = call
  const size = await store.uploadSize(id)
  if (size === undefined) return refuse(call, 404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload')
  if (method === 'GET') return empty(call, 204, progress(name, id, size))
  if (method === 'DELETE') {
    await store.cancelUpload(id)
    return empty(call, 204)
  }
  if (method !== 'PATCH' && method !== 'PUT') return unsupported(call)
  const range = /^(\d+)-(\d+)$/.exec(request.headers['content-range'] ?? '')
  if (range !== null && Number(range[1]) !== size) {
    request.resume()
    return empty(call, 416, progress(name, id, size))
  }
  const now = await store.appendUpload(id, request)
  if (method === 'PATCH') return empty(call, 202, progress(name, id, now))
  return finish(call, name, id, query.get('digest') ?? '')
}

async function finish(call: Call, name: string, id: string, digest: string): Promise<void> {
  if (!isDigest(digest) || !(await call.store.finishUpload(name, id, digest))) {
    await call.store.cancelUpload(id)
    return refuse(call, 400, 'DIGEST_INVALID', 'the bytes are not what the digest says')
  }
  return created(call, name, digest)
}

async function tags(call: Call, { name }: Of<'tags'>): Promise<void> {
  if (call.method !== 'GET') return unsupported(call)
  const all = await call.store.tags(name)
  if (all === undefined) return refuse(call, 404, 'NAME_UNKNOWN', `repository unknown: ${name}`)
  const last = call.query.get('last')
  const after = last === null ? all : all.filter((tag) => tag > last)
  const n = Number(call.query.get('n') ?? Number.NaN)
  const page = Number.isInteger(n) && n >= 0 ? after.slice(0, n) : after
  const end = page.at(-1)
  if (page.length < after.length && end !== undefined) {
    call.response.setHeader('link', `</v2/${name}/tags/list?n=${n}&last=${encodeURIComponent(end)}>; rel="next"`)
  }
  return json(call, 200, { name, tags: page })
}

const created = (call: Call, name: string, digest: string): void =>
  empty(call, 201, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest })

const progress = (name: string, id: string, size: number): Record<string, string> => ({
  location: `/v2/${name}/blobs/uploads/${id}`,
  'docker-upload-uuid': id,
  range: `0-${Math.max(0, size - 1)}`,
})

const unsupported = (call: Call): void => refuse(call, 405, 'UNSUPPORTED', `${call.method} is not supported here`)

function empty({ response }: Call, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...headers, 'content-length': '0' })
  response.end()
}

function json({ response, method }: Call, status: number, value: unknown): void {
  const text = JSON.stringify(value)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(method === 'HEAD' ? undefined : text)
}

function refuse(call: Call, status: number, code: string, message: string): void {
  call.request.resume()
  json(call, status, { errors: [{ code, message }] })
}

async function body(request: IncomingMessage, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size <= limit) chunks.push(chunk)
  }
  return size > limit ? undefined : Buffer.concat(chunks)
}

const isDigest = (value: unknown): value is string => typeof value === 'string' && digestProblem(value) === undefined
