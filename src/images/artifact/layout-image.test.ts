import { expect, it } from 'vitest'
import { layoutFacts } from './layout-image.ts'
import type { TarEntries, TarEntry } from './tar-entries.ts'

const digestOf = (n: number): string => `sha256:${n.toString(16).padStart(64, '0')}`
const descriptor = (n: number) => ({ digest: digestOf(n), size: 1, platform: { os: 'linux', architecture: `a${n}` } })

/** A layout whose blobs are what `content` says; counts the bytes that are read of them. */
function layout(blobs: ReadonlyMap<number, string>, size = 0) {
  let read = 0
  const entries: TarEntries = async function* () {
    for (const [n, text] of blobs) {
      const bytes = Buffer.from(text.padEnd(size))
      const content = async function* () {
        read += bytes.length
        yield await Promise.resolve(bytes)
      }
      yield { path: `blobs/${digestOf(n).replace(':', '/')}`, header: { name: '', type: 'file', size: bytes.length } as TarEntry['header'], content: content() }
    }
  }
  return { entries, read: () => read }
}
const index = (count: number, from = 0) => Buffer.from(JSON.stringify({ manifests: Array.from({ length: count }, (_, i) => descriptor(from + i)) }))
const manifest = JSON.stringify({ config: { digest: digestOf(999_999), size: 1 }, layers: [] })
const config = '{"architecture":"a0"}'

it('reads manifests of 16 MiB together, and no more', async () => {
  const size = 4 * 1024 * 1024
  const of = (count: number) => layout(new Map([...Array.from({ length: count }, (_, i) => [i, manifest] as const), [999_999, config]]), size)
  expect(await layoutFacts(of(4).entries, index(4), 'a0')).toMatchObject({ architectures: ['a0', 'a1', 'a2', 'a3'] })
  const large = of(1000)
  await expect(layoutFacts(large.entries, index(1000), 'a0')).rejects.toThrow('its manifests and configs have more than 16777216 bytes together')
  expect(large.read()).toBe(4 * size)
})

it('counts manifests over all indexes: 1000, and no more', async () => {
  const nested = (count: number) => layout(new Map([[0, index(count, 1).toString()], ...Array.from({ length: count }, (_, i) => [i + 1, manifest] as const), [999_999, config]]))
  expect((await layoutFacts(nested(999).entries, index(1), 'a1')).architectures).toHaveLength(999)
  await expect(layoutFacts(nested(1000).entries, index(1), 'a1')).rejects.toThrow('it names more than 1000 manifests')
})
