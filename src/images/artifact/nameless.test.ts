import { buffer } from 'node:stream/consumers'
import { extract, pack, type Header } from 'tar-stream'
import { expect, it } from 'vitest'
import { artifactImageReader } from './artifact-image-reader.ts'

const taken = 'docker.io/library/busybox:latest'
const digest = `sha256:${'1'.repeat(64)}`
const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: [taken], Layers: ['layer.tar'] }])
const annotations = { 'org.opencontainers.image.ref.name': taken, 'io.containerd.image.name': taken }
const index = JSON.stringify({ schemaVersion: 2, annotations, manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 3, annotations }] })

type Entry = readonly [name: string, content: string] | Header

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const out = pack()
  const bytes = buffer(out)
  for (const entry of entries) {
    if ('name' in entry) out.entry(entry)
    else out.entry({ name: entry[0] }, entry[1])
  }
  out.finalize()
  return bytes
}

/** What an engine is given of an image.tar with these entries: name → content. */
async function given(entries: readonly Entry[]): Promise<Record<string, unknown>> {
  const tar = await tarOf(entries)
  const artifact = await tarOf([['image.tar', tar as unknown as string]])
  const images = artifactImageReader(() => Promise.resolve((async function* () { yield* [artifact] })()), 'amd64')
  const input = await images.forEngine({ digest: `sha256:${'0'.repeat(64)}`, size: 1 }, 'made', new AbortController().signal)
  if (!input.ok) return { error: input.error }
  const files: Record<string, unknown> = {}
  const reading = input.value.tar.pipe(extract())
  for await (const entry of reading) {
    expect(files).not.toHaveProperty([entry.header.name])
    const text = (await buffer(entry)).toString()
    files[entry.header.name] = entry.header.name.endsWith('.json') && text.startsWith('[') || text.startsWith('{"schema') ? JSON.parse(text) : text
  }
  return files
}

const link = (name: string, linkname: string, type: 'symlink' | 'link' = 'symlink'): Header => ({ name, type, linkname }) as Header

const nameless = [{ Config: 'config.json', RepoTags: null, Layers: ['layer.tar'] }]

it('an image archive of docker reaches the engine without its names', async () => {
  expect(await given([['config.json', '{}'], ['layer.tar', 'x'], ['repositories', '{}'], ['manifest.json', manifest]])).toEqual({
    'config.json': '{}', 'layer.tar': 'x', 'manifest.json': nameless,
  })
})

it('an archive that is an OCI layout too reaches the engine as the archive alone', async () => {
  expect(await given([['oci-layout', '{}'], ['index.json', index], ['manifest.json', manifest], ['config.json', '{}'], ['layer.tar', 'x']])).toEqual({
    'config.json': '{}', 'layer.tar': 'x', 'manifest.json': nameless,
  })
})

it('an OCI layout reaches the engine without annotations', async () => {
  expect(await given([['oci-layout', '{}'], ['index.json', index], ['blobs/sha256/1', 'm']])).toEqual({
    'oci-layout': '{}', 'blobs/sha256/1': 'm',
    'index.json': { schemaVersion: 2, manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 3 }] },
  })
})

it.each<[string, Entry[]]>([
  ['a second manifest.json', [['manifest.json', manifest], ['manifest.json', manifest]]],
  ['a manifest.json under another spelling', [['./manifest.json', manifest], ['.//manifest.json', manifest]]],
  ['a symlink in the place of manifest.json', [['manifest.json', manifest], ['named.json', manifest], link('manifest.json', 'named.json')]],
  ['a hard link in the place of manifest.json', [['manifest.json', manifest], ['named.json', manifest], link('manifest.json', 'named.json', 'link')]],
  ['a folder in the place of repositories', [['manifest.json', manifest], { name: 'repositories/', type: 'directory' } as Header, ['repositories/x', '{}']]],
])('%s brings no name back', async (_, entries) => {
  const files = await given([['config.json', '{}'], ['layer.tar', 'x'], ...entries])
  expect(files['manifest.json']).toEqual(nameless)
  expect(Object.keys(files).filter((name) => name !== 'named.json').toSorted()).toEqual(['config.json', 'layer.tar', 'manifest.json'])
})

it('an index that names several images is refused before the engine is asked', async () => {
  const two = JSON.stringify([...(JSON.parse(manifest) as object[]), ...(JSON.parse(manifest) as object[])])
  expect(await given([['manifest.json', two]])).toEqual({ error: expect.stringContaining('it holds 2 images') as string })
})
