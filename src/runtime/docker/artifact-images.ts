import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, pack } from 'tar-stream'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { ImageSource } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { EngineClient } from './engine/client.ts'
import type { EngineError } from './engine/errors.ts'

/** The tar stream of an artifact; undefined when it is not there. May be opened twice. */
export type OpenArtifact = (artifact: ArtifactRef) => Promise<AsyncIterable<Uint8Array> | undefined>

/** Images that steps have made: `rootfs/` beside `metadata.json`, an `image.tar`, or an OCI layout. */
export interface ArtifactImages {
  /** Makes it an image of the engine; resolves with the name to run it by. */
  import(source: Extract<ImageSource, { kind: 'artifact' }>, signal: AbortSignal): Promise<Result<string, string>>
}

const repository = 'localhost/airside-artifact'

/** One name per content: an image is imported once. */
export const artifactImageName = (artifact: ArtifactRef): string => `${repository}:${tagOf(artifact)}`

const tagOf = ({ digest }: ArtifactRef): string => digest.replace('sha256:', '').slice(0, 40)

export function createArtifactImages(client: EngineClient, open: OpenArtifact): ArtifactImages {
  return {
    async import({ artifact, name }, signal) {
      const layout = await layoutOf(await open(artifact))
      const stream = await open(artifact)
      if (layout === undefined || stream === undefined) return fail(`artifact ${name} is not in the store`)
      switch (layout) {
        case 'rootfs':
          return named(artifactImageName(artifact), await client.importImage(artifactImageName(artifact), rootfsOf(stream), signal))
        case 'archive':
          return tagged(client, artifact, await client.loadImage(fileOf(stream, 'image.tar'), signal))
        case 'oci':
          return tagged(client, artifact, await client.loadImage(Readable.from(stream), signal))
        case 'unknown':
          return fail(`artifact ${name} is no image: it has neither rootfs/, image.tar nor an OCI layout`)
      }
    },
  }
}

type Layout = 'rootfs' | 'archive' | 'oci' | 'unknown'

const layouts: Readonly<Record<string, Layout | undefined>> = { rootfs: 'rootfs', 'image.tar': 'archive', 'oci-layout': 'oci' }

async function layoutOf(stream: AsyncIterable<Uint8Array> | undefined): Promise<Layout | undefined> {
  if (stream === undefined) return undefined
  const entries = extract()
  // Left early when it is known: then what feeds the reader breaks off.
  const feeding = pipeline(Readable.from(stream), entries).catch(() => undefined)
  let found: Layout = 'unknown'
  for await (const entry of entries) {
    const [first = ''] = partsOf(entry.header.name)
    entry.resume()
    found = layouts[first] ?? 'unknown'
    if (found !== 'unknown') break
  }
  await feeding
  return found
}

/** What is under rootfs/, as a tar of its own. */
function rootfsOf(stream: AsyncIterable<Uint8Array>): Readable {
  const inside = (path: string): string => partsOf(path).slice(1).join('/')
  return rewrite(stream, async (entry, out) => {
    const { header } = entry
    const name = inside(header.name)
    if (partsOf(header.name)[0] !== 'rootfs' || name === '') return void entry.resume()
    const linkname = header.type === 'link' && header.linkname ? inside(header.linkname) : header.linkname
    await pipeline(entry, out.entry({ ...header, name: header.type === 'directory' ? `${name}/` : name, ...(linkname ? { linkname } : {}) }))
  })
}

/** The content of one file of the artifact. */
function fileOf(stream: AsyncIterable<Uint8Array>, wanted: string): Readable {
  return Readable.from(
    (async function* () {
      const entries = extract()
      const feeding = pipeline(Readable.from(stream), entries).catch(() => undefined)
      for await (const entry of entries) {
        if (partsOf(entry.header.name).join('/') !== wanted) entry.resume()
        else yield* entry as AsyncIterable<Uint8Array>
      }
      await feeding
    })(),
  )
}

type Entry = ReturnType<typeof extract> extends AsyncIterable<infer T> ? T : never

function rewrite(stream: AsyncIterable<Uint8Array>, each: (entry: Entry, out: ReturnType<typeof pack>) => Promise<void>): Readable {
  const out = pack()
  const entries = extract()
  const work = async (): Promise<void> => {
    const feeding = pipeline(Readable.from(stream), entries)
    for await (const entry of entries) await each(entry, out)
    await feeding
    out.finalize()
  }
  work().catch((error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error))))
  return Readable.from(out)
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.')

const named = (name: string, result: Result<unknown, EngineError>): Result<string, string> => (result.ok ? ok(name) : fail(result.error.message))

/** Loaded images come under names of their own. */
async function tagged(client: EngineClient, artifact: ArtifactRef, loaded: Result<string, EngineError>): Promise<Result<string, string>> {
  if (!loaded.ok) return fail(loaded.error.message)
  return named(artifactImageName(artifact), await client.tagImage(loaded.value, repository, tagOf(artifact)))
}
