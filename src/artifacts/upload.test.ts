import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { extract, pack, type Header } from 'tar-stream'
import { ok } from '../model/result.ts'
import type { ArtifactStore } from './store.ts'
import { storeUpload, uploadLimits, type UploadLimits } from './upload.ts'

/** Keeps what was put last. */
function memoryStore() {
  const kept = { bytes: Buffer.alloc(0) }
  const put: ArtifactStore['put'] = async (source) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of source) chunks.push(Uint8Array.from(chunk))
    kept.bytes = Buffer.concat(chunks)
    return ok({ digest: `sha256:${'a'.repeat(64)}`, size: kept.bytes.length })
  }
  return { put, kept }
}

type Entry = Partial<Header> & { readonly name: string; readonly content?: string }

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack()
  for (const { content, ...header } of entries) tar.entry(header, content ?? '')
  tar.finalize()
  return buffer(tar as unknown as Readable)
}

async function entriesOf(bytes: Buffer): Promise<Record<string, unknown>[]> {
  const tar = extract()
  Readable.from([bytes]).pipe(tar)
  const found: Record<string, unknown>[] = []
  for await (const entry of tar) {
    const { name, type, mode, linkname } = entry.header
    found.push({ name, type, mode, linkname, content: (await buffer(entry as unknown as Readable)).toString() })
  }
  return found
}

async function* pieces(bytes: Buffer, length = 7): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

const upload = (bytes: Buffer, limits?: Partial<UploadLimits>) => storeUpload(memoryStore(), pieces(bytes, 4096), { ...uploadLimits, ...limits })

test.each([['tar', (bytes: Buffer) => bytes], ['gzip', gzipSync], ['zstd', zstdCompressSync]] as const)('an upload as %s is stored as a plain tar', async (_kind, packed) => {
  const store = memoryStore()
  const tar = await tarOf([{ name: './', type: 'directory' }, { name: './a/b.txt', content: 'hello', mode: 0o4755 }, { name: 'l', type: 'symlink', linkname: '/etc/hosts' }, { name: 'h', type: 'link', linkname: './a/b.txt' }])
  expect((await storeUpload(store, pieces(Buffer.from(packed(tar))))).ok).toBe(true)
  expect(await entriesOf(store.kept.bytes)).toEqual([
    { name: './', type: 'directory', mode: 0o755, linkname: null, content: '' },
    { name: 'a/b.txt', type: 'file', mode: 0o755, linkname: null, content: 'hello' },
    { name: 'l', type: 'symlink', mode: 0o644, linkname: '/etc/hosts', content: '' },
    { name: 'h', type: 'link', mode: 0o644, linkname: 'a/b.txt', content: '' },
  ])
})

test.each<[string, Entry[], string]>([
  ['an absolute name', [{ name: '/etc/passwd', content: 'x' }], 'leads out of the folder'],
  ['a name with ..', [{ name: 'a/../../b', content: 'x' }], 'leads out of the folder'],
  ['a hardlink that leads out', [{ name: 'a', type: 'link', linkname: '../b' }], 'links to "../b"'],
  ['a file behind a symbolic link', [{ name: 'a', type: 'symlink', linkname: '/tmp' }, { name: 'a/b', content: 'x' }], 'behind a symbolic link'],
  ['a device', [{ name: 'null', type: 'character-device' }], 'is a character-device'],
])('S8: an archive with %s is refused', async (_kind, entries, words) => {
  expect(await upload(await tarOf(entries))).toMatchObject({ ok: false, error: { kind: 'bad-archive', message: expect.stringContaining(words) as string } })
})

test.each<[string, Buffer]>([
  ['nothing', Buffer.alloc(0)], ['no tar', Buffer.from('<html>'.repeat(200))], ['a gzip that is cut off', gzipSync(Buffer.alloc(100_000, 'x')).subarray(0, 40)],
  ['no gzip behind its first bytes', Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6])],
])('%s is refused as a damaged archive', async (_kind, bytes) => {
  expect(await upload(bytes)).toMatchObject({ ok: false, error: { kind: 'bad-archive' } })
})

test('a tar that ends within a file is refused', async () => {
  const tar = await tarOf([{ name: 'a', content: 'x'.repeat(5_000) }])
  expect(await upload(tar.subarray(0, 3_000))).toMatchObject({ ok: false, error: { kind: 'bad-archive' } })
})

test('S8: an archive has at most as many bytes and entries as the limits say', async () => {
  const tar = await tarOf([{ name: 'a', content: 'x'.repeat(100) }, { name: 'b', content: 'y'.repeat(100) }])
  expect((await upload(tar, { bytes: 200, entries: 2, nameBytes: 2, packedBytes: tar.length })).ok).toBe(true)
  for (const limits of [{ bytes: 199 }, { entries: 1 }, { nameBytes: 1 }, { packedBytes: tar.length - 1 }]) {
    expect(await upload(tar, limits), JSON.stringify(limits)).toMatchObject({ ok: false, error: { kind: 'too-large' } })
  }
})

test('an upload whose connection breaks throws the connection’s error', async () => {
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield (await tarOf([{ name: 'a', content: 'x'.repeat(5_000) }])).subarray(0, 1_000)
    throw new Error('reset')
  }
  await expect(storeUpload(memoryStore(), breaking())).rejects.toThrow('reset')
})
