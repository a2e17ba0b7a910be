import type { Readable } from 'node:stream'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { ImageConfig } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { BlobStore } from '../oci/blob-store.ts'
import { writeImage } from '../oci/image.ts'
import { layerOfTar } from '../oci/layer.ts'
import type { Descriptor } from '../registry/media-types.ts'
import { archiveFacts, archiveIndex, writeArchiveImage } from './docker-archive.ts'
import { readFiles } from './folder-files.ts'
import { formatOf, tarballName, type ArtifactFormat } from './format.ts'
import { InvalidImage } from './invalid-image.ts'
import { layoutFacts, layoutIndex, writeLayoutImage } from './layout-image.ts'
import { withoutNames, type ImageIndex } from './nameless.ts'
import { packEntries } from './pack-entries.ts'
import { rootfsFacts, rootfsTar } from './rootfs.ts'
import { tarEntries, type TarEntries } from './tar-entries.ts'

/** The tar stream of an artifact; undefined when it is not there. May be opened several times. */
export type OpenArtifact = (artifact: ArtifactRef) => Promise<AsyncIterable<Uint8Array> | undefined>

export interface ArtifactImage {
  readonly config: ImageConfig
  /** Go's names; empty: the image names none. */
  readonly architectures: readonly string[]
}

/** What a container engine can make an image of by itself. */
export type EngineInput =
  /** Files of a root. */
  | { readonly kind: 'files'; readonly tar: Readable }
  /** An archive as `docker save` writes it, or an OCI layout, without any name for its image. */
  | { readonly kind: 'archive'; readonly tar: Readable }

/**
 * Images that steps have made: `rootfs/` beside `metadata.json`, an `image.tar` (of docker, or an OCI layout), or an OCI layout. All is read as
 * streams, however large it is. Errors are one clause that names the artifact.
 */
export interface ArtifactImageReader {
  describe(artifact: ArtifactRef, name: string, signal: AbortSignal): Promise<Result<ArtifactImage, string>>
  forEngine(artifact: ArtifactRef, name: string, signal: AbortSignal): Promise<Result<EngineInput, string>>
  /** Writes it to a store as an OCI image: the same artifact gives the same digest. */
  write(artifact: ArtifactRef, name: string, store: BlobStore, signal: AbortSignal): Promise<Result<Descriptor, string>>
}

/** `architecture`: of an image that does not say for which machine it is (Go's name). */
export function artifactImageReader(open: OpenArtifact, architecture: string): ArtifactImageReader {
  async function read<T>(artifact: ArtifactRef, name: string, signal: AbortSignal, work: (image: Opened) => Promise<T>): Promise<Result<T, string>> {
    const entries: TarEntries = () => tarEntries(streamOf(open, artifact, signal), 'the artifact')
    try {
      const format = await formatOf(entries)
      if (format === undefined) return fail(`artifact ${name} is no image: it has neither rootfs/, ${tarballName} nor an OCI layout`)
      return ok(await work({ format, entries: imageEntries(format, entries) }))
    } catch (error) {
      if (error instanceof InvalidImage) return fail(`artifact ${name} cannot be used as an image: ${error.message}`)
      if (error instanceof NotThere) return fail(`artifact ${name} is not in the store`)
      throw error
    }
  }

  return {
    describe: (artifact, name, signal) =>
      read(artifact, name, signal, async ({ format, entries }) => {
        if (format.kind === 'rootfs') {
          const facts = await rootfsFacts(entries)
          return { config: facts.config, architectures: facts.architecture === undefined ? [] : [facts.architecture] }
        }
        const index = await indexOf(entries)
        if (index.kind === 'layout') return layoutFacts(entries, index.bytes, architecture)
        const { config, platform } = await archiveFacts(entries, index.bytes)
        return { config, architectures: platform.architecture === '' ? [] : [platform.architecture] }
      }),
    forEngine: (artifact, name, signal) =>
      read(artifact, name, signal, async ({ format, entries }) =>
        format.kind === 'rootfs' ? { kind: 'files', tar: rootfsTar(entries).tar } : { kind: 'archive', tar: packEntries(withoutNames(entries, await indexOf(entries))) },
      ),
    write: (artifact, name, store, signal) =>
      read(artifact, name, signal, async ({ format, entries }) => {
        if (format.kind === 'rootfs') {
          const { tar, facts } = rootfsTar(entries)
          const layer = await layerOfTar(store, tar, 'zstd')
          const found = facts()
          return writeImage(store, { platform: { os: 'linux', architecture: found.architecture ?? architecture }, layers: [layer], config: found.config })
        }
        const index = await indexOf(entries)
        return index.kind === 'layout' ? writeLayoutImage(entries, index.bytes, store) : writeArchiveImage(entries, index.bytes, store)
      }),
  }
}

interface Opened {
  readonly format: ArtifactFormat
  /** Of the folder or tarball that is the image; for rootfs/ all of the artifact. */
  readonly entries: TarEntries
}

class NotThere extends Error {}

async function* streamOf(open: OpenArtifact, artifact: ArtifactRef, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const stream = await open(artifact)
  if (stream === undefined) throw new NotThere()
  for await (const chunk of stream) {
    signal.throwIfAborted()
    yield chunk
  }
}

/** To its end even after what was looked for: only then is it known that the artifact was not damaged. */
function imageEntries(format: ArtifactFormat, entries: TarEntries): TarEntries {
  switch (format.kind) {
    case 'rootfs':
      return entries
    case 'tarball':
      return async function* () {
        for await (const entry of entries()) if (entry.path === tarballName) yield* tarEntries(entry.content, tarballName)
      }
    case 'layout': {
      const { folder } = format
      if (folder === '') return entries
      return async function* () {
        for await (const entry of entries()) if (entry.path.startsWith(`${folder}/`)) yield { ...entry, path: entry.path.slice(folder.length + 1) }
      }
    }
  }
}

/** An archive of docker that is an OCI layout too names by manifest.json the one image that it is about. */
async function indexOf(entries: TarEntries): Promise<ImageIndex> {
  const files = await readFiles(entries, new Set([archiveIndex, layoutIndex]))
  const archive = files.get(archiveIndex)
  if (archive !== undefined) return { kind: 'archive', bytes: archive }
  const layout = files.get(layoutIndex)
  if (layout === undefined) throw new InvalidImage(`it has neither ${archiveIndex} nor ${layoutIndex}`)
  return { kind: 'layout', bytes: layout }
}
