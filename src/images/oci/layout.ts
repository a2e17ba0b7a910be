import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { boundedArray, boundedRecord, boundedString } from '../../lib/bounded.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { digestProblem } from '../reference/grammar.ts'
import type { Descriptor } from '../registry/media-types.ts'
import { directoryBlobStore, type BlobStore } from './blob-store.ts'

const refName = 'org.opencontainers.image.ref.name'

/** An OCI image layout: a folder with blobs, and an index.json that says which of them are its images. */
export interface ImageLayout {
  readonly store: BlobStore
  readonly images: readonly LayoutImage[]
}

export interface LayoutImage {
  readonly descriptor: Descriptor
  /** The name that the layout gives it, usually a tag. */
  readonly name?: string
}

/** Writes the marks of a layout around blobs that are in `dir` already (directoryBlobStore). */
export async function writeLayout(dir: string, images: readonly LayoutImage[]): Promise<void> {
  await mkdir(join(dir, 'blobs', 'sha256'), { recursive: true })
  await writeFile(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  const manifests = images.map(({ descriptor, name }) =>
    name === undefined ? descriptor : { ...descriptor, annotations: { ...descriptor.annotations, [refName]: name } },
  )
  await writeFile(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
}

const schema = z.object({
  manifests: boundedArray(
    z.object({
      mediaType: boundedString(1024),
      digest: boundedString(160).refine((digest) => digestProblem(digest) === undefined),
      size: z.number().int().nonnegative(),
      annotations: boundedRecord(boundedString(1024), boundedString(64 * 1024), 1000).optional(),
    }),
    10_000,
  ),
})

/** Reads a layout that others may have written; the error is one clause. Blobs are not verified here. */
export async function readLayout(dir: string): Promise<Result<ImageLayout, string>> {
  const text = await readFile(join(dir, 'index.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return fail('it has no index.json')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return fail('its index.json is not JSON')
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) return fail('its index.json is not an index')
  const images = parsed.data.manifests.map(({ mediaType, digest, size, annotations }) => {
    const name = annotations?.[refName]
    return { descriptor: { mediaType, digest, size }, ...(name === undefined ? {} : { name }) }
  })
  return ok({ store: directoryBlobStore(dir), images })
}
