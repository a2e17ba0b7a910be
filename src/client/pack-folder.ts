import { createReadStream, type Stats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { pack, type Header, type Pack } from 'tar-stream'
import { codeOf } from '../lib/errors.ts'

/** A folder's files as a tar packed by gzip: those at `paths`, which are relative to it; of a folder all that is in it. It fails with what cannot be read. */
export function packFolder(folder: string, paths: readonly string[]): Readable {
  const tar = pack()
  const packed = new PassThrough()
  pipeline(Readable.from(tar), createGzip({ level: 1 }), packed, () => undefined)
  void new Packer(tar, folder).all(paths).then(
    () => tar.finalize(),
    (error: unknown) => packed.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return packed
}

type Entry = Partial<Header> & { readonly name: string }

class Packer {
  readonly #tar: Pack
  readonly #folder: string
  /** Ends the entry that is written when nobody reads the archive any more. */
  #giveUp: (error: Error) => void = () => undefined

  constructor(tar: Pack, folder: string) {
    this.#tar = tar
    this.#folder = folder
    tar.once('close', () => this.#giveUp(new Error('the upload was ended')))
  }

  async all(paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.#add(path)
  }

  async #add(path: string): Promise<void> {
    const full = join(this.#folder, path)
    const stats = await lstat(full).catch((error: unknown) => {
      // Removed since it was listed.
      if (codeOf(error) === 'ENOENT' && path !== '.') return undefined
      throw error
    })
    if (stats === undefined) return
    const header = { name: path.replaceAll('\\', '/'), mode: stats.mode & 0o777, mtime: stats.mtime }
    if (stats.isDirectory()) {
      if (path !== '.') await this.#entry({ ...header, type: 'directory' })
      for (const inside of (await readdir(full)).toSorted()) await this.#add(path === '.' ? inside : `${header.name}/${inside}`)
    } else if (stats.isSymbolicLink()) await this.#entry({ ...header, type: 'symlink', linkname: await readlink(full) })
    else if (stats.isFile()) await this.#file({ ...header, type: 'file' }, full, stats)
  }

  #entry(entry: Entry, fill?: (sink: NodeJS.WritableStream, failed: (error: Error) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject
      const sink = this.#tar.entry(entry, (error) => (error ? reject(new Error(`${entry.name}: ${error.message}`)) : resolve())) as unknown as NodeJS.WritableStream
      sink.on('error', reject)
      if (fill !== undefined) fill(sink, reject)
      else if (entry.type === 'file') sink.end()
    })
  }

  /** As many bytes as the file had when it was looked at: a log may grow meanwhile. */
  async #file(entry: Entry, full: string, { size }: Stats): Promise<void> {
    if (size === 0) return this.#entry({ ...entry, size })
    const content = createReadStream(full, { end: size - 1 })
    try {
      await this.#entry({ ...entry, size }, (sink, failed) => void content.once('error', failed).pipe(sink))
    } finally {
      content.destroy()
    }
  }
}
