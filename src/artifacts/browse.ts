import { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import { messageOf } from '../lib/errors.ts'
import { KeptMap } from '../lib/kept-map.ts'
import type { ArtifactDigest } from '../model/artifact.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ArtifactStore } from './store.ts'
import { entryAt, readTree, shortest, type Tree, type TreeBounds, type TreeEntry } from './tree.ts'

export interface BrowseError {
  readonly kind: 'gone' | 'missing' | 'refused'
  /** A sentence. */
  readonly message: string
}

export interface FoundFile {
  readonly size: number
  /** From byte `from` on, `length` of them. To be read, or closed by leaving the iteration. */
  read(from: number, length: number): AsyncIterable<Uint8Array>
}

const usual: TreeBounds = { entries: 200_000, characters: 16 * 1024 * 1024 }
const keptTrees = 4

/** Looks into artifacts without unpacking them. What the last few hold is remembered: to find it, all of an archive must be read. */
export class ArtifactBrowser {
  readonly #store: Pick<ArtifactStore, 'open' | 'has'>
  readonly #bounds: TreeBounds
  readonly #trees = new KeptMap<ArtifactDigest, Promise<Result<Tree, BrowseError>>>(keptTrees)
  /** Archives are read one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(store: Pick<ArtifactStore, 'open' | 'has'>, bounds: TreeBounds = usual) {
    this.#store = store
    this.#bounds = bounds
  }

  async has(digest: ArtifactDigest): Promise<boolean> {
    return (await this.#store.has(digest)) !== undefined
  }

  /** What is in a folder, by name: at most `limit` of what comes after a name. */
  async list(digest: ArtifactDigest, folder: string, { after, limit }: { readonly after?: string; readonly limit: number }): Promise<Result<readonly (TreeEntry & { readonly name: string })[], BrowseError>> {
    const tree = await this.#tree(digest)
    if (!tree.ok) return tree
    const found = tree.value.get(shortest(folder))
    if (found === undefined) return fail({ kind: 'missing', message: 'there is no such folder in it' })
    const names = [...found.keys()].filter((name) => after === undefined || name > after).toSorted((a, b) => (a < b ? -1 : 1))
    return ok(names.slice(0, limit).flatMap((name) => {
      const entry = found.get(name)
      return entry === undefined ? [] : [{ name, ...entry }]
    }))
  }

  async file(digest: ArtifactDigest, path: string): Promise<Result<FoundFile, BrowseError>> {
    const tree = await this.#tree(digest)
    if (!tree.ok) return tree
    const entry = entryAt(tree.value, path)
    if (entry === undefined) return fail({ kind: 'missing', message: 'there is no such file in it' })
    if (entry.type === 'dir') return fail({ kind: 'refused', message: 'it is a folder' })
    if (entry.at === undefined) return fail({ kind: 'refused', message: 'it is a symbolic link: ask for the file that it names' })
    const { at, size } = entry
    return ok({ size, read: (from, length) => this.#content(digest, at, from, length) })
  }

  #tree(digest: ArtifactDigest): Promise<Result<Tree, BrowseError>> {
    const known = this.#trees.get(digest)
    if (known !== undefined) return known
    const read = this.#turn.then(() => this.#read(digest))
    this.#turn = read
    this.#trees.set(digest, read)
    // What is gone may come again.
    void read.then((tree) => {
      if (!tree.ok && tree.error.kind === 'gone') this.#trees.delete(digest)
    })
    return read
  }

  async #read(digest: ArtifactDigest): Promise<Result<Tree, BrowseError>> {
    try {
      const opened = await this.#store.open(digest)
      if (opened === undefined) return gone
      const tree = await readTree(opened.stream, this.#bounds)
      return tree.ok ? tree : fail({ kind: 'refused', message: tree.error })
    } catch (error) {
      return fail({ kind: 'gone', message: `it cannot be read: ${messageOf(error)}` })
    }
  }

  async *#content(digest: ArtifactDigest, at: number, from: number, length: number): AsyncGenerator<Uint8Array> {
    const opened = await this.#store.open(digest)
    if (opened === undefined) throw new Error(gone.error.message)
    const source = Readable.from(opened.stream)
    const tar = extract()
    source.on('error', (error) => tar.destroy(error))
    source.pipe(tar)
    let entries = 0
    try {
      for await (const entry of tar) {
        if (entries++ === at) return yield* partOf(entry as AsyncIterable<Uint8Array>, from, length)
        entry.resume()
      }
      throw new Error('the artifact ends before the file')
    } finally {
      source.destroy()
      tar.destroy()
    }
  }
}

const gone = fail({ kind: 'gone' as const, message: 'it is no longer kept' })

async function* partOf(content: AsyncIterable<Uint8Array>, from: number, length: number): AsyncGenerator<Uint8Array> {
  let [skip, left] = [from, length]
  for await (const chunk of content) {
    const part = chunk.subarray(Math.min(skip, chunk.length), Math.min(chunk.length, skip + left))
    skip -= Math.min(skip, chunk.length)
    left -= part.length
    if (part.length > 0) yield part
    if (left === 0) return
  }
}
