import { randomUUID } from 'node:crypto'
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { boundedString } from '../../lib/bounded.ts'
import type { ArtifactDigest } from '../../model/artifact.ts'
import { digestProblem } from '../reference/grammar.ts'

/** An artifact's image in a registry. */
export interface Published {
  readonly artifact: ArtifactDigest
  readonly registry: string
  readonly repository: string
  /** Of the image's manifest or index. */
  readonly digest: string
  /** `found`: the registry had it already, and another user may need it; `served`: on this server's own disk. */
  readonly origin: 'pushed' | 'found' | 'served'
  /** Unix ms of its last use by a step. */
  readonly usedAt: number
}

/** Which artifacts stand as images where: files, so that it outlives the process; several processes may share them. */
export class PublishedImages {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  async get(artifact: ArtifactDigest): Promise<Published | undefined> {
    return read(this.#file(artifact))
  }

  async put(image: Published): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 })
    const part = join(this.#dir, `.${randomUUID()}`)
    await writeFile(part, JSON.stringify(image), { mode: 0o600 })
    await rename(part, this.#file(image.artifact))
  }

  async forget(artifact: ArtifactDigest): Promise<void> {
    await rm(this.#file(artifact), { force: true })
  }

  async list(): Promise<Published[]> {
    const names = await readdir(this.#dir).catch(() => [])
    const found = await Promise.all(names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).map((name) => read(join(this.#dir, name))))
    return found.filter((image) => image !== undefined)
  }

  #file(artifact: ArtifactDigest): string {
    return join(this.#dir, `${artifact.replace('sha256:', '')}.json`)
  }
}

const schema = z.object({
  artifact: z.custom<ArtifactDigest>((value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)),
  registry: boundedString(1024),
  repository: boundedString(1024),
  digest: boundedString(160).refine((text) => digestProblem(text) === undefined),
  origin: z.enum(['pushed', 'found', 'served']),
  usedAt: z.number(),
})

/** What cannot be read is as good as not there: it is found or made again. */
async function read(file: string): Promise<Published | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return undefined
  }
}
