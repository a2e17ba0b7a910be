import { createWriteStream } from 'node:fs'
import { link, lstat, mkdir, rm, symlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { codeOf } from '../lib/errors.ts'

/**
 * Writes a tar packed by gzip into a folder, over what is there. Throws at the first entry that would be written outside of it, also
 * through a symbolic link, and when the archive is cut off. Devices and pipes are left out.
 */
export async function unpackFolder(content: Readable, folder: string): Promise<void> {
  const [tar, unzipped] = [extract(), createGunzip()]
  const entries = tar[Symbol.asyncIterator]()
  content.on('error', (error) => unzipped.destroy(error)).on('close', () => content.readableEnded || unzipped.destroy(new Error('the archive is cut off')))
  unzipped.on('error', (error) => tar.destroy(error))
  content.pipe(unzipped).pipe(tar)
  try {
    await mkdir(folder, { recursive: true })
    for await (const entry of { [Symbol.asyncIterator]: () => entries }) {
      await write(folder, entry.header, entry as unknown as Readable)
      entry.resume()
    }
  } finally {
    content.destroy()
    unzipped.destroy()
    tar.destroy()
  }
}

async function write(folder: string, header: Header, content: Readable): Promise<void> {
  const parts = partsOf(header.name)
  const last = parts.pop()
  if (last === undefined) return
  const within = await folderAt(folder, parts)
  const path = join(within, last)
  switch (header.type) {
    case 'directory':
      return void (await folderAt(folder, [...parts, last]))
    case 'symlink':
      await removed(path)
      return symlink(header.linkname, path)
    case 'link': {
      const target = partsOf(header.linkname)
      const name = target.pop()
      if (name === undefined) throw new Error(`the archive links ${JSON.stringify(header.name)} to a folder`)
      await removed(path)
      return link(join(await folderAt(folder, target), name), path)
    }
    case 'file':
    case 'contiguous-file': {
      await removed(path)
      // Exclusive: never through a link that stands there.
      const file = createWriteStream(path, { flags: 'wx', mode: (header.mode ?? 0o644) & 0o777 })
      content.on('error', (error) => file.destroy(error)).pipe(file)
      await finished(file)
      return utimes(path, header.mtime, header.mtime)
    }
    default:
      return
  }
}

/** The folder in the folder, made where it is lacking. */
async function folderAt(folder: string, parts: readonly string[]): Promise<string> {
  let at = folder
  for (const part of parts) {
    at = join(at, part)
    const there = await lstat(at).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    })
    if (there === undefined) await mkdir(at)
    else if (there.isSymbolicLink()) throw new Error(`the archive writes through the symbolic link ${at}`)
    else if (!there.isDirectory()) throw new Error(`${at} is in the way: the archive has a folder there`)
  }
  return at
}

async function removed(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const there = await lstat(path).catch(() => undefined)
  if (there?.isDirectory() === true) throw new Error(`the folder ${path} is in the way: the archive has a file there`)
  await rm(path, { force: true })
}

function partsOf(name: string): string[] {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (name.startsWith('/') || name.includes('\0') || parts.includes('..')) throw new Error(`the archive leads out of the folder: ${JSON.stringify(name.slice(0, 200))}`)
  return parts
}
