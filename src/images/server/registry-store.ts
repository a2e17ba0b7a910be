import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { glob, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { digestOf } from '../registry/digest-cache.ts'

export interface StoredManifest {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/**
 * Images on disk: `blobs/` by digest for all repositories, and for each repository which blobs and manifests are its
 * own and what its tags mean. Names and digests come checked (registry-path.ts). Files appear whole or not at all.
 */
export class RegistryStore {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Size in bytes of a blob that the repository has. */
  async blobSize(name: string, digest: string): Promise<number | undefined> {
    if (!(await exists(this.#link(name, 'blobs', digest)))) return undefined
    return stat(this.#blob(digest)).then(({ size }) => size, () => undefined)
  }

  openBlob(digest: string, range?: { start: number; end: number }): Readable {
    return createReadStream(this.#blob(digest), range)
  }

  /** Lets a repository have a blob that another one has. */
  async mountBlob(name: string, from: string, digest: string): Promise<boolean> {
    if ((await this.blobSize(from, digest)) === undefined) return false
    await this.#write(this.#link(name, 'blobs', digest), '')
    return true
  }

  async startUpload(): Promise<string> {
    const id = randomUUID()
    await this.#write(this.#upload(id), '')
    return id
  }

  uploadSize(id: string): Promise<number | undefined> {
    return stat(this.#upload(id)).then(({ size }) => size, () => undefined)
  }

  /** Appends, and gives the upload's size afterwards. */
  async appendUpload(id: string, bytes: Readable): Promise<number> {
    await pipeline(bytes, createWriteStream(this.#upload(id), { flags: 'a' }))
    return (await stat(this.#upload(id))).size
  }

  cancelUpload(id: string): Promise<void> {
    return rm(this.#upload(id), { force: true })
  }

  /** Makes an upload the repository's blob; false, and gone, when its bytes are not the digest's. */
  async finishUpload(name: string, id: string, digest: string): Promise<boolean> {
    const hash = createHash(digest.startsWith('sha512:') ? 'sha512' : 'sha256')
    await pipeline(createReadStream(this.#upload(id)), hash)
    if (`${digest.split(':')[0]}:${hash.digest('hex')}` !== digest) {
      await this.cancelUpload(id)
      return false
    }
    await mkdir(join(this.#dir, 'blobs', digest.split(':')[0] ?? ''), { recursive: true })
    await rename(this.#upload(id), this.#blob(digest))
    await this.#write(this.#link(name, 'blobs', digest), '')
    return true
  }

  async manifest(name: string, reference: string): Promise<StoredManifest | undefined> {
    const digest = reference.includes(':') ? reference : await readFile(this.#tag(name, reference), 'utf8').catch(() => undefined)
    if (digest === undefined) return undefined
    const mediaType = await readFile(this.#link(name, 'manifests', digest), 'utf8').catch(() => undefined)
    const bytes = await readFile(this.#blob(digest)).catch(() => undefined)
    return mediaType === undefined || bytes === undefined ? undefined : { digest, mediaType, bytes }
  }

  async hasManifest(name: string, digest: string): Promise<boolean> {
    return exists(this.#link(name, 'manifests', digest))
  }

  /** Keeps a manifest by its digest and, unless `reference` is one, under that tag. */
  async putManifest(name: string, reference: string, mediaType: string, bytes: Uint8Array): Promise<string> {
    const digest = reference.includes(':') ? reference : digestOf(bytes)
    await this.#write(this.#blob(digest), bytes)
    await this.#write(this.#link(name, 'manifests', digest), mediaType)
    if (!reference.includes(':')) await this.#write(this.#tag(name, reference), digest)
    return digest
  }

  /** Deleting a digest deletes all tags that point to it. */
  async deleteManifest(name: string, reference: string): Promise<boolean> {
    if (!reference.includes(':')) return remove(this.#tag(name, reference))
    for (const tag of (await this.tags(name)) ?? []) {
      if ((await readFile(this.#tag(name, tag), 'utf8').catch(() => '')) === reference) await remove(this.#tag(name, tag))
    }
    return remove(this.#link(name, 'manifests', reference))
  }

  /** Removes a repository with all its images, and the blobs that no other one has. */
  async deleteRepository(name: string): Promise<void> {
    const links = async (kind: 'blobs' | 'manifests'): Promise<string[]> => readdir(join(this.#repository(name), `_${kind}`)).catch(() => [])
    const digests = [...(await links('blobs')), ...(await links('manifests'))]
    await rm(this.#repository(name), { recursive: true, force: true })
    const used = new Set<string>()
    for await (const path of glob('**/{_blobs,_manifests}/*', { cwd: join(this.#dir, 'repositories') })) used.add(basename(path))
    for (const link of digests) if (!used.has(link)) await rm(this.#blob(link.replace('-', ':')), { force: true })
  }

  deleteBlob(name: string, digest: string): Promise<boolean> {
    return remove(this.#link(name, 'blobs', digest))
  }

  /** In the order of their names; undefined for a repository that nothing was pushed to. */
  async tags(name: string): Promise<string[] | undefined> {
    if (!(await exists(this.#repository(name)))) return undefined
    const tags = await readdir(join(this.#repository(name), '_tags')).catch(() => [])
    return tags.toSorted((a, b) => (a < b ? -1 : 1))
  }

  #blob = (digest: string): string => join(this.#dir, 'blobs', digest.replace(':', '/'))
  #upload = (id: string): string => join(this.#dir, 'uploads', id)
  // No part of a repository's name begins with _, so these never meet a repository further down.
  #repository = (name: string): string => join(this.#dir, 'repositories', name)
  #link = (name: string, kind: 'blobs' | 'manifests', digest: string): string => join(this.#repository(name), `_${kind}`, digest.replace(':', '-'))
  #tag = (name: string, tag: string): string => join(this.#repository(name), '_tags', tag)

  async #write(file: string, content: string | Uint8Array): Promise<void> {
    const part = join(this.#dir, 'parts', randomUUID())
    await mkdir(join(this.#dir, 'parts'), { recursive: true })
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(part, content)
    await rename(part, file)
  }
}

const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false)

const remove = (path: string): Promise<boolean> => rm(path).then(() => true, () => false)
