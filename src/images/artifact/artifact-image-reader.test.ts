import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { zstdDecompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { memoryBlobStore, type BlobStore } from '../oci/blob-store.ts'
import { artifactImageReader } from './artifact-image-reader.ts'
import { artifact, elf, type Entry, file, filesOf, folder, imageIn, imagesOf, long, rootfs, signal, tarOf, written } from './testing/image-tars.ts'

describe('an artifact of rootfs/ and metadata.json', () => {
  it('is one layer with everything as it was, its variables and its user', async () => {
    const store = memoryBlobStore()
    const image = await imageIn(store, await written(await tarOf(rootfs), store))
    expect(image.config).toEqual({ entrypoint: [], cmd: [], env: ['PATH=/bin', 'WHO=artifact'], user: 'app', workingDir: '' })
    expect(image.platform).toEqual({ os: 'linux', architecture: 'arm64' })
    expect(image.layers.map(({ mediaType }) => mediaType)).toEqual(['application/vnd.oci.image.layer.v1.tar+zstd'])
    expect(await filesOf(zstdDecompressSync(await store.read(image.layers[0]?.digest ?? '')))).toEqual([
      'directory bin/ 755 0:0 ',
      `file bin/busybox 4755 0:0 ${elf(183).toString().slice(0, 20)}`,
      'link bin/sh 4755 0:0 bin/busybox',
      'symlink bin/cat 644 0:0 /bin/busybox',
      'file empty 644 0:0 ',
      `file ${long} 644 1000:2000 deep`,
      'file text 644 3000000:0 text',
    ])
  })

  it('gives the same digest wherever its chunks end', async () => {
    const tar = await tarOf([...rootfs, file('rootfs/big', Buffer.alloc(3_000_000).map((_, at) => (at * at) >> 5))])
    const digests = await Promise.all([512, 999, 262_144, 10_000_000].map(async (chunk) => (await written(tar, memoryBlobStore(), chunk)).digest))
    expect(new Set(digests).size).toBe(1)
  })

  it('is described without being written', async () => {
    expect(await imagesOf(await tarOf(rootfs)).describe(artifact, 'made', signal)).toEqual({
      ok: true,
      value: { config: { entrypoint: [], cmd: [], env: ['PATH=/bin', 'WHO=artifact'], user: 'app', workingDir: '' }, architectures: ['arm64'] },
    })
    expect(await imagesOf(await tarOf([folder('rootfs/'), file('rootfs/a.sh', '#!/bin/sh')])).describe(artifact, 'made', signal)).toMatchObject({ ok: true, value: { architectures: [] } })
  })

  it('is given to an engine as files', async () => {
    const input = await imagesOf(await tarOf(rootfs)).forEngine(artifact, 'made', signal)
    if (!input.ok) throw new Error(input.error)
    expect(input.value.kind).toBe('files')
    expect((await filesOf(await buffer(input.value.tar))).map((line) => line.split(' ')[1])).toContain(long)
  })

  const refused: readonly [string, readonly Entry[], RegExp][] = [
    ['a path that leads out', [file('rootfs/../../etc/passwd', 'x')], /leads out of it: "rootfs\/\.\.\/\.\.\/etc\/passwd"/],
    ['an absolute path', [{ ...file('/etc/passwd', 'x') }], /leads out of it: "\/etc\/passwd"/],
    ['a hard link out of rootfs/', [file('secret', 'x'), { name: 'rootfs/x', type: 'link', linkname: 'secret' }], /"rootfs\/x" is a link to a file outside rootfs\//],
    ['a hard link that leads out', [{ name: 'rootfs/x', type: 'link', linkname: 'rootfs/../../x' }], /leads out of it/],
    ['a device', [{ name: 'rootfs/sda', type: 'block-device' }], /"sda" is a block-device/],
    ['a rootfs that is a link', [{ name: 'rootfs', type: 'symlink', linkname: '/' }], /its rootfs is no folder/],
    ['metadata that is no JSON', [file('metadata.json', '{'), folder('rootfs/')], /metadata\.json is not JSON/],
    ['metadata of another shape', [file('metadata.json', '{"env":{"A":"b"}}'), folder('rootfs/')], /metadata\.json is not \{"env"/],
    ['metadata that is too large', [file('metadata.json', Buffer.alloc(5_000_000)), folder('rootfs/')], /"metadata\.json" has 5000000 bytes/],
    ['a name that is not UTF-8', [file('rootfs/b\ufffdd', 'x')], /is not UTF-8/],
  ]
  it.each(refused)('with %s is refused', async (_, entries, words) => {
    const made = await imagesOf(await tarOf(entries)).write(artifact, 'made', memoryBlobStore(), signal)
    expect(made).toMatchObject({ ok: false, error: expect.stringMatching(words) as string })
    expect(made).toMatchObject({ ok: false, error: expect.stringMatching(/^artifact made cannot be used as an image: /) as string })
  })

  it('that is cut off is refused', async () => {
    const tar = await tarOf(rootfs)
    expect(await imagesOf(tar.subarray(0, tar.length - 4_000)).write(artifact, 'made', memoryBlobStore(), signal)).toMatchObject({
      ok: false, error: expect.stringContaining('no whole tar archive') as string,
    })
  })
})

it('what the store throws is thrown, an artifact that is not there and an abort are words', async () => {
  const broken = artifactImageReader(
    () =>
      Promise.resolve(
        (async function* () {
          yield (await tarOf(rootfs)).subarray(0, 2_048)
          throw new Error('the disk broke')
        })(),
      ),
    'amd64',
  )
  await expect(broken.write(artifact, 'made', memoryBlobStore(), signal)).rejects.toThrow('the disk broke')
  expect(await artifactImageReader(() => Promise.resolve(undefined), 'amd64').describe(artifact, 'made', signal)).toEqual({ ok: false, error: 'artifact made is not in the store' })
  await expect(imagesOf(await tarOf(rootfs)).write(artifact, 'made', memoryBlobStore(), AbortSignal.abort())).rejects.toThrow('abort')
})

describe('streams', () => {
  /** A tar with one large file in rootfs/, and how much of it was asked for; `open`: streams that nobody has closed. */
  async function large(megabytes: number) {
    const content = Buffer.alloc(1_000_000, 'x')
    const tar = await tarOf([file('metadata.json', '{}'), file('rootfs/big', content)])
    const [head, tail] = [tar.subarray(0, tar.indexOf(content)), Buffer.alloc(1_024)]
    const size = megabytes * 1_048_576
    head.fill(`${size.toString(8).padStart(11, '0')}\0`, head.length - 512 + 124, head.length - 512 + 136)
    head.fill(' ', head.length - 512 + 148, head.length - 512 + 156)
    const sum = head.subarray(-512).reduce((total, byte) => total + byte, 0)
    head.fill(`${sum.toString(8).padStart(6, '0')}\0 `, head.length - 512 + 148, head.length - 512 + 156)
    const seen = { open: 0, bytes: 0 }
    async function* stream(): AsyncIterable<Uint8Array> {
      seen.open++
      try {
        yield head
        for (let at = 0; at < size; at += 65_536) {
          seen.bytes += 65_536
          // What can be compressed would pass by the megabyte before the output's buffer is full.
          yield randomBytes(65_536)
        }
        yield tail
      } finally {
        seen.open--
      }
    }
    return { seen, images: artifactImageReader(() => Promise.resolve(stream()), 'amd64') }
  }

  /** Never passes where it never holds. */
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve))
  }
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  it('are read no faster than they are consumed', async () => {
    const { seen, images } = await large(200)
    const stalled: BlobStore = { ...memoryBlobStore(), write: () => new Promise(() => undefined) }
    void images.write(artifact, 'made', stalled, signal)
    await until(() => seen.bytes > 0)
    await settled()
    expect(seen.bytes).toBeLessThan(8_000_000)
  })

  it('are closed in every case', async () => {
    const { seen, images } = await large(4)
    expect(await images.describe(artifact, 'made', signal)).toMatchObject({ ok: true })
    expect(await images.write(artifact, 'made', memoryBlobStore(), signal)).toMatchObject({ ok: true })
    await expect(images.write(artifact, 'made', { ...memoryBlobStore(), write: () => Promise.reject(new Error('no space left')) }, signal)).rejects.toThrow('no space left')
    const stop = new AbortController()
    const input = await images.forEngine(artifact, 'made', stop.signal)
    if (!input.ok) throw new Error(input.error)
    input.value.tar.once('data', () => stop.abort())
    await expect(buffer(input.value.tar)).rejects.toThrow('abort')
    const left = await images.forEngine(artifact, 'made', signal)
    if (left.ok) left.value.tar.destroy()
    await until(() => seen.open === 0)
  })
})
