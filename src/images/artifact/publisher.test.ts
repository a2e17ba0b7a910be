import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import { fail, ok } from '../../model/result.ts'
import type { BlobStore } from '../oci/blob-store.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import { startRegistry, type RegistryAccess, type RunningRegistry } from '../server/start-registry.ts'
import { sampleIndex } from '../testing/sample-image.ts'
import type { ArtifactImageReader } from './artifact-image-reader.ts'
import { collectImages } from './collect.ts'
import { artifactTag, parseRegistryPrefix, remoteDestination } from './destination.ts'
import { publisher } from './publisher.ts'
import { PublishedImages } from './published.ts'
import { openStaging } from './staging.ts'

let dir: string
let registry: RunningRegistry
let client: RegistryClient
let log: RegistryAccess[]
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-publish-'))
  log = []
  registry = await startRegistry({ dir: join(dir, 'registry'), log: (access) => log.push(access) })
  client = new RegistryClient({ retry: { attempts: 1, baseMs: 1, maxMs: 1, totalMs: 1 } })
})
afterEach(async () => {
  await client.close()
  await registry.stop()
  await rm(dir, { recursive: true })
})

const artifact = (letter: string): ArtifactRef => ({ digest: `sha256:${letter.repeat(64)}`, size: 10 })
const signal = new AbortController().signal
const noCredentials = { find: () => Promise.resolve(undefined) }

/** A publisher as a process has it; `writes` are the artifacts that it made images of. */
async function opened(images: Partial<ArtifactImageReader> = {}, where = { registry: registry.host, repository: 'ci/airside-artifact' }) {
  const writes: string[] = []
  const write = async ({ digest }: ArtifactRef, name: string, store: BlobStore) => {
    writes.push(name)
    return ok(await sampleIndex(store, digest))
  }
  const published = new PublishedImages(join(dir, 'published'))
  const clock = fakeClock()
  const destination = remoteDestination(client, where, noCredentials)
  const publish = publisher({ images: { write, ...images } as ArtifactImageReader, destination, published, staging: await openStaging(join(dir, 'staging')), clock })
  return { writes, publish, published, destination, clock }
}

const uploads = (): number => log.filter(({ method, url }) => method === 'PUT' || method === 'POST' || url.includes('uploads')).length

describe('an artifact’s image', () => {
  it('is pushed once for its content and pulled by digest', async () => {
    const { publish, writes } = await opened()
    const lines: string[] = []
    const first = await publish(artifact('a'), 'made', signal, (line) => lines.push(line))
    if (!first.ok) throw new Error(first.error)
    expect(first.value).toEqual({ kind: 'registry', reference: expect.stringMatching(`^${registry.host}/ci/airside-artifact:sha256-a{64}@sha256:[0-9a-f]{64}$`) as string, host: registry.host })
    expect(lines).toEqual([`pushing image made to ${registry.host}/ci/airside-artifact`])
    const sent = uploads()
    expect(await publish(artifact('a'), 'again', signal, (line) => lines.push(line))).toEqual(first)
    expect({ writes, lines: lines.length, uploads: uploads() }).toEqual({ writes: ['made'], lines: 1, uploads: sent })
    expect(await readdir(join(dir, 'staging'))).toEqual([])
  })

  it('is remembered by the next process, which only asks whether it is still there', async () => {
    const first = await (await opened()).publish(artifact('a'), 'made', signal, () => undefined)
    const { publish, writes } = await opened()
    log.length = 0
    expect(await publish(artifact('a'), 'made', signal, () => undefined)).toEqual(first)
    expect(writes).toEqual([])
    expect(log.map(({ method, url }) => `${method} ${url}`)).toEqual([expect.stringMatching(/^HEAD \/v2\/ci\/airside-artifact\/manifests\/sha256:/)])
  })

  it('is found by its tag where the memory is lost, and is then not ours to delete', async () => {
    const first = await (await opened()).publish(artifact('a'), 'made', signal, () => undefined)
    await rm(join(dir, 'published'), { recursive: true })
    const { publish, writes, published } = await opened()
    expect(await publish(artifact('a'), 'made', signal, () => undefined)).toEqual(first)
    expect(writes).toEqual([])
    expect((await published.list()).map(({ origin }) => origin)).toEqual(['found'])
  })

  it('is pushed again when it is gone from the registry, or the registry is another one', async () => {
    const { publish, writes, destination } = await opened()
    const first = await publish(artifact('a'), 'made', signal, () => undefined)
    if (!first.ok) throw new Error(first.error)
    const location = destination.location(artifact('a'))
    expect(await destination.remove(location, first.value.reference.split('@')[1] ?? '', signal)).toEqual(ok(undefined))
    expect(await destination.find(location, artifactTag(artifact('a')), { signal })).toEqual(ok(undefined))
    expect(await publish(artifact('a'), 'made', signal, () => undefined)).toEqual(first)
    expect(writes).toEqual(['made', 'made'])
    const elsewhere = await opened({}, { registry: registry.host, repository: 'other/airside-artifact' })
    expect(await elsewhere.publish(artifact('a'), 'made', signal, () => undefined)).toMatchObject({ ok: true, value: { reference: expect.stringContaining('/other/') as string } })
  })

  it('is pushed once for concurrent callers, who are all told', async () => {
    const { publish, writes } = await opened()
    const told: number[] = []
    const all = await Promise.all([0, 1, 2].map((number) => publish(artifact('a'), 'made', signal, () => told.push(number))))
    expect(writes).toEqual(['made'])
    expect(told.toSorted((a, b) => a - b)).toEqual([0, 1, 2])
    expect(new Set(all.map((one) => (one.ok ? one.value.reference : one.error))).size).toBe(1)
  })

  it('leaves nothing behind when invalid, unreachable or aborted', async () => {
    const none = await opened({ write: () => Promise.resolve(fail('artifact made is no image')) })
    expect(await none.publish(artifact('a'), 'made', signal, () => undefined)).toEqual(fail('artifact made is no image'))
    const broken = await opened({ write: () => Promise.reject(new Error('no space left')) })
    expect(await broken.publish(artifact('a'), 'made', signal, () => undefined)).toEqual(fail(`the image of artifact made could not be put into ${registry.host}/ci/airside-artifact: no space left`))
    const away = await opened({}, { registry: '127.0.0.1:1', repository: 'ci/airside-artifact' })
    expect(await away.publish(artifact('a'), 'made', signal, () => undefined)).toMatchObject({ ok: false, error: expect.stringMatching(/cannot be reached.*127\.0\.0\.1:1/) as string })
    const again = new RegistryClient({ retry: { attempts: 2, baseMs: 1, maxMs: 1, totalMs: 1_000 } })
    const lines: string[] = []
    const waited = await remoteDestination(again, { registry: '127.0.0.1:1', repository: 'a' }, noCredentials).find(away.destination.location(artifact('a')), 'x', { signal, onWait: (line) => lines.push(line) })
    expect({ waited, lines }).toEqual({ waited: fail(expect.stringContaining('cannot be reached')), lines: [expect.stringContaining('trying again')] })
    await again.close()
    const stop = new AbortController()
    const aborted = await opened({
      write: (_artifact, _name, _store, shared) =>
        new Promise((_, reject) => {
          shared.addEventListener('abort', () => reject(new Error('stopped')))
          stop.abort()
        }),
    })
    await expect(aborted.publish(artifact('a'), 'made', stop.signal, () => undefined)).rejects.toThrow()
    expect(await none.published.list()).toEqual([])
  })

  it('goes with its artifact: from the registry what we pushed, from memory everything', async () => {
    const { publish, published, destination } = await opened()
    for (const letter of ['a', 'b']) await publish(artifact(letter), 'made', signal, () => undefined)
    const collect = (gone: string, unusedSince = Number.POSITIVE_INFINITY) =>
      collectImages({
        published, unusedSince, signal,
        remove: (image, stop) => destination.remove(image, image.digest, stop),
        needed: (digest) => Promise.resolve(digest !== artifact(gone).digest),
      })
    const there = async (letter: string) => (await destination.find(destination.location(artifact(letter)), artifactTag(artifact(letter)), { signal })).ok && (await published.get(artifact(letter).digest)) !== undefined
    expect(await collect('a', 0)).toEqual({ removed: 0, left: [] })
    expect(await there('a')).toBe(true)
    expect(await collect('a')).toEqual({ removed: 1, left: [] })
    expect(await published.get(artifact('a').digest)).toBeUndefined()
    expect(await destination.find(destination.location(artifact('a')), artifactTag(artifact('a')), { signal })).toEqual(ok(undefined))
    expect(await there('b')).toBe(true)
    // Another artifact that is the same image.
    const same = await published.get(artifact('b').digest)
    await published.put({ ...same!, artifact: artifact('c').digest })
    expect(await collect('b')).toEqual({ removed: 0, left: [] })
    await published.put({ ...same!, artifact: artifact('b').digest })
    await published.forget(artifact('c').digest)
    expect(await there('b')).toBe(true)
    await registry.stop()
    expect(await collect('b')).toEqual({ removed: 0, left: [{ image: expect.objectContaining({ artifact: artifact('b').digest }) as unknown, reason: expect.stringContaining('cannot be reached') as string }] })
    expect(await published.list()).toEqual([])
  })
})

it.each([
  ['registry.example.com', ok({ registry: 'registry.example.com', repository: 'airside-artifact' })],
  ['127.0.0.1:5000/ci/', ok({ registry: '127.0.0.1:5000', repository: 'ci/airside-artifact' })],
  ['docker.io/me', ok({ registry: 'docker.io', repository: 'me/airside-artifact' })],
  ['me/images', fail('it must begin with a registry\'s host, as in registry.example.com/ci, not "me"')],
  ['https://registry.example.com', fail('it is a name, not a URL: leave the scheme out')],
  ['registry.example.com/CI', fail('the repository must be lower case: "CI"')],
])('--image-registry %s', (text, expected) => expect(parseRegistryPrefix(text)).toEqual(expected))

it('staging folders of processes that are gone are removed, those of living ones are not', async () => {
  const root = join(dir, 'shared')
  const mine = await (await openStaging(root)).make()
  const [host, pid] = basename(mine).split('-')
  for (const gone of [`${host}-999999999-1-abc`, `${host}-${pid}-1-abc`]) await mkdir(join(root, gone))
  await mkdir(join(root, 'elsewhere-999999999-1-abc'))
  await openStaging(root)
  expect((await readdir(root)).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([basename(mine), 'elsewhere-999999999-1-abc'].toSorted((a, b) => (a < b ? -1 : 1)))
})
