import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { expect, it } from 'vitest'
import { readArtifactFile } from './read-file.ts'
import type { ArtifactStore } from './store.ts'

it('remembers links up to a bound, and says so when one beyond it was needed', async () => {
  const tar = pack()
  tar.entry({ name: 'file' }, 'found')
  for (const name of ['aa', 'bb', 'cc']) tar.entry({ name, type: 'symlink', linkname: 'file' })
  tar.finalize()
  const bytes = await buffer(tar)
  const store = { open: () => Promise.resolve({ size: bytes.length, stream: (async function* () { yield* [bytes] })() }) } as unknown as ArtifactStore
  const read = (path: string, bounds: { count: number; characters: number }) => readArtifactFile(store, { digest: `sha256:${'0'.repeat(64)}`, path, limit: 100, bounds })
  const leftOut = { ok: false, error: { kind: 'too-large', message: expect.stringContaining('too many links') as string } }
  expect(await read('cc', { count: 3, characters: 18 })).toEqual({ ok: true, value: Buffer.from('found') })
  expect(await read('cc', { count: 2, characters: 18 })).toEqual(leftOut)
  expect(await read('cc', { count: 3, characters: 17 })).toEqual(leftOut)
  expect(await read('bb', { count: 2, characters: 18 })).toEqual({ ok: true, value: Buffer.from('found') })
  expect(await read('dd', { count: 3, characters: 18 })).toMatchObject({ ok: false, error: { kind: 'missing' } })
})
