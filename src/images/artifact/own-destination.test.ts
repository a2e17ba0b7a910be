import { glob, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { countTraffic } from '../../lib/traffic.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import { ok } from '../../model/result.ts'
import { memoryBlobStore } from '../oci/blob-store.ts'
import { parseImageDocument } from '../resolve/image-documents.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryTarget } from '../registry/target.ts'
import { sampleIndex } from '../testing/sample-image.ts'
import { ownDestination } from './own-destination.ts'

let dir: string
let server: Server
let own: ReturnType<typeof ownDestination>
let client: RegistryClient
let time: number
beforeEach(async () => {
  time = Date.UTC(2026, 0, 1, 11, 59)
  dir = await mkdtemp(join(tmpdir(), 'airside-own-'))
  server = createServer((request, response) => void own.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  own = ownDestination({ dir, host: `127.0.0.1:${(server.address() as AddressInfo).port}`, secret: Buffer.from('secret'), clock: { now: () => time } })
  client = new RegistryClient()
})
afterEach(async () => {
  await client.close()
  server.close()
  await rm(dir, { recursive: true })
})

const artifact = (letter: string): ArtifactRef => ({ digest: `sha256:${letter.repeat(64)}`, size: 10 })
const signal = new AbortController().signal

async function put(letter: string, seed: string) {
  const store = memoryBlobStore()
  const image = await sampleIndex(store, seed)
  const location = own.destination.location(artifact(letter))
  expect(await own.destination.push(location, store, image, { signal })).toEqual(ok(undefined))
  expect(await own.destination.find(location, location.tag, { signal })).toEqual(ok(image.digest))
  const credentials = await own.destination.credentials(location)
  const target: RegistryTarget = { registry: location.registry, repository: location.repository, ...(credentials && { credentials }) }
  return { location, image, target }
}

/** All that a node asks for. */
async function pull(target: RegistryTarget, digest: string): Promise<number> {
  const manifest = await client.getManifest(target, digest)
  if (!manifest.ok) throw new Error(manifest.error.detail)
  const document = parseImageDocument(manifest.value.bytes)
  if (!document.ok) throw new Error(document.error)
  if (document.value.kind === 'index') return (await Promise.all(document.value.manifests.map((part) => pull(target, part.digest)))).reduce((a, b) => a + b, 0)
  let blobs = 0
  for (const part of [document.value.config, ...document.value.layers]) {
    const blob = await client.openBlob(target, part.digest, 1_000_000)
    if (!blob.ok) throw new Error(blob.error.detail)
    expect((await buffer(blob.value)).length).toBe(part.size)
    blobs++
  }
  return blobs
}

it('serves a complete image to a client with its password', async () => {
  const { target, image } = await put('a', 'one')
  expect(await pull(target, image.digest)).toBe(4)
})

it('refuses reads without the image’s password, and all writes', async () => {
  const first = await put('a', 'one')
  const second = await put('b', 'two')
  const { credentials, ...nobody } = first.target
  expect(credentials?.password).not.toBe(second.target.credentials?.password)
  for (const target of [nobody, { ...first.target, credentials: second.target.credentials }, { ...first.target, credentials: { username: 'airside', password: '' } }]) {
    expect(await client.headManifest(target as RegistryTarget, first.image.digest)).toMatchObject({ ok: false, error: { kind: 'unauthorized' } })
  }
  const written = await client.putManifest(first.target, 'latest', { mediaType: first.image.mediaType, bytes: Buffer.from('{}') })
  expect(written).toMatchObject({ ok: false, error: { status: 405 } })
})

it('removing an image keeps blobs that another image has too', async () => {
  const first = await put('a', 'same')
  const second = await put('b', 'same')
  expect(await own.destination.remove(first.location, first.image.digest, signal)).toEqual(ok(undefined))
  expect(await own.destination.find(first.location, first.image.digest, { signal })).toEqual(ok(undefined))
  expect(await pull(second.target, second.image.digest)).toBe(4)
  expect(await own.destination.remove(second.location, second.image.digest, signal)).toEqual(ok(undefined))
  const left: string[] = []
  for await (const file of glob('blobs/*/*', { cwd: dir })) left.push(file)
  expect(left).toEqual([])
})

it('a password stays the same for a while, opens for at least half a day, and not after a day', async () => {
  const { target, location, image } = await put('a', 'one')
  const head = async () => (await new RegistryClient({ retry: { attempts: 1, baseMs: 1, maxMs: 1, totalMs: 1 } }).headManifest(target, image.digest)).ok
  time += 30_000
  expect(await own.destination.credentials(location)).toEqual(target.credentials)
  const hour = 60 * 60_000
  time += 12 * hour
  expect(await own.destination.credentials(location)).not.toEqual(target.credentials)
  expect(await head()).toBe(true)
  time += 12 * hour
  expect(await head()).toBe(false)
  // Nobody makes it last longer than it says.
  const [, proof = ''] = target.credentials?.password.split('.') ?? []
  const longer = { ...target, credentials: { username: 'airside', password: `${time + hour}.${proof}` } }
  expect(await client.headManifest(longer, image.digest)).toMatchObject({ ok: false, error: { kind: 'unauthorized' } })
})

it('counts the bytes of layers that it takes, once for each content', async () => {
  const store = memoryBlobStore()
  const image = await sampleIndex(store, 'counted')
  const location = own.destination.location(artifact('c'))
  const push = async () => {
    const traffic = { requests: 0, layerBytes: 0 }
    expect(await countTraffic(traffic, () => own.destination.push(location, store, image, { signal }))).toEqual(ok(undefined))
    return traffic
  }
  const first = await push()
  expect(first.requests).toBe(0)
  expect(first.layerBytes).toBeGreaterThan(0)
  expect(await push()).toEqual({ requests: 0, layerBytes: 0 })
})
