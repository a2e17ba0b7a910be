import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryBlobStore } from '../oci/blob-store.ts'
import { pushImage } from '../oci/push-image.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryTarget } from '../registry/target.ts'
import { sampleImage, sampleIndex } from './sample-image.ts'

export interface RegistryUnderTest {
  /** `host:port`, as references name it. */
  readonly host: string
  /** How to speak to it: credentials, insecure, certificates. */
  readonly access?: Omit<RegistryTarget, 'registry' | 'repository'>
  stop(): Promise<void>
}

/** What client and registry do together, on any registry that can be pushed to. */
export function registryConformance(name: string, start: () => Promise<RegistryUnderTest>): void {
  describe(`registry client with ${name}`, () => {
    let registry: RegistryUnderTest
    let client: RegistryClient
    const run = `run${Date.now().toString(36)}`
    const target = (repository: string): RegistryTarget => ({ registry: registry.host, repository: `${run}/${repository}`, ...registry.access })
    const value = <T, E>(result: { ok: true; value: T } | { ok: false; error: E }): T => {
      if (!result.ok) throw new Error(JSON.stringify(result.error))
      return result.value
    }

    beforeAll(async () => {
      registry = await start()
      client = new RegistryClient()
    })
    afterAll(async () => {
      await client.close()
      await registry.stop()
    })

    it('pushes an index and finds it by tag and by digest', async () => {
      const store = memoryBlobStore()
      const index = await sampleIndex(store, 'index')
      const pushed = value(await pushImage(client, target('multi'), { store, image: index }, { tags: ['1', '2'] }))
      expect(pushed).toMatchObject({ digest: index.digest, uploaded: 4 })
      for (const reference of ['1', '2', index.digest]) {
        expect(value(await client.headManifest(target('multi'), reference)).digest).toBe(index.digest)
        const manifest = value(await client.getManifest(target('multi'), reference))
        expect(Buffer.from(manifest.bytes).toString()).toBe(Buffer.from(await store.read(index.digest)).toString())
      }
    })

    it('sends nothing that is there already', async () => {
      const store = memoryBlobStore()
      const image = await sampleImage(store, 'again')
      value(await pushImage(client, target('again'), { store, image }, { tags: ['1'] }))
      expect(value(await pushImage(client, target('again'), { store, image }, { tags: ['2'] }))).toMatchObject({ uploaded: 0, bytes: 0 })
    })

    it('sees a tag move', async () => {
      const store = memoryBlobStore()
      for (const seed of ['before', 'after']) {
        const image = await sampleImage(store, seed)
        value(await pushImage(client, target('moving'), { store, image }, { tags: ['latest'] }))
        expect(value(await client.headManifest(target('moving'), 'latest')).digest).toBe(image.digest)
      }
    })

    it('uploads and downloads a blob of some megabytes', async () => {
      const bytes = Buffer.alloc(5_000_000, 'airside ')
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
      expect(value(await client.hasBlob(target('blobs'), digest))).toBe(false)
      value(await client.putBlob(target('blobs'), { digest, size: bytes.length, open: () => Readable.from([bytes]) }))
      expect(value(await client.hasBlob(target('blobs'), digest))).toBe(true)
      const stream = value(await client.openBlob(target('blobs'), digest, bytes.length))
      expect(Buffer.concat((await stream.toArray()) as Buffer[]).equals(bytes)).toBe(true)
    })

    it('refuses an upload that is not what its digest says', async () => {
      const put = await client.putBlob(target('blobs'), { digest: `sha256:${'0'.repeat(64)}`, size: 3, open: () => Readable.from([Buffer.from('abc')]) })
      expect(put).toMatchObject({ ok: false, error: { status: 400 } })
    })

    it('lists tags', async () => {
      const store = memoryBlobStore()
      const image = await sampleImage(store, 'tags')
      const tags = Array.from({ length: 12 }, (_, i) => `v${String(i).padStart(2, '0')}`)
      value(await pushImage(client, target('tags'), { store, image }, { tags }))
      expect(value(await client.listTags(target('tags'))).toSorted()).toEqual(tags)
    })

    it('says that a tag, a repository or a digest is not there', async () => {
      const lacking: [string, string][] = [
        ['multi', 'no-such-tag'],
        ['nowhere', 'latest'],
        ['multi', `sha256:${'0'.repeat(64)}`],
      ]
      for (const [repository, reference] of lacking) {
        expect(await client.headManifest(target(repository), reference)).toMatchObject({ ok: false, error: { kind: 'not-found' } })
      }
      expect(await client.listTags(target('nowhere'))).toMatchObject({ ok: false, error: { kind: 'not-found' } })
    })
  })
}
