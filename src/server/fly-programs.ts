import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { codeOf, messageOf } from '../lib/errors.ts'
import type { CliPrograms } from '../model/cli-program.ts'
import { fail, ok } from '../model/result.ts'
import { zipEntry } from './zip-entry.ts'

type Found = Awaited<ReturnType<CliPrograms['find']>>

/** Archives of Concourse hold fly alone; more entries than this are not looked at. */
const mostEntries = 100

/** fly for a platform, from a folder with Concourse's archives (fly-linux-amd64.tgz, fly-windows-amd64.zip) or plain programs (fly-linux-amd64, fly-windows-amd64.exe). Names are `[a-z0-9]+`. */
export async function findFly(folder: string | undefined, platform: string, arch: string): Promise<Found> {
  const where = 'get it from https://github.com/concourse/concourse/releases'
  if (folder === undefined) return fail({ kind: 'missing', message: `this server has no fly to download (--cli-artifacts-dir); ${where}` })
  const name = platform === 'windows' ? 'fly.exe' : 'fly'
  const base = `fly-${platform}-${arch}`
  const plain = await sizeOf(join(folder, platform === 'windows' ? `${base}.exe` : base))
  if (plain !== undefined) return ok({ name, bytes: plain.bytes, modifiedAt: plain.modifiedAt, content: createReadStream(plain.file) })
  const archive = await sizeOf(join(folder, `${base}.tgz`))
  if (archive !== undefined) return inArchive(archive.file, name)
  const zipped = await sizeOf(join(folder, `${base}.zip`))
  if (zipped !== undefined) return inZip(zipped, name)
  return fail({ kind: 'missing', message: `this server has no fly for ${platform} on ${arch}; ${where}` })
}

async function inZip({ file, modifiedAt }: { readonly file: string; readonly modifiedAt: number }, name: string): Promise<Found> {
  const entry = await zipEntry(file, name)
  return entry.ok ? ok({ name, modifiedAt, ...entry.value }) : fail({ kind: 'broken', message: `${file}: ${entry.error}` })
}

async function sizeOf(file: string): Promise<{ file: string; bytes: number; modifiedAt: number } | undefined> {
  try {
    const { size, mtimeMs, isFile } = await stat(file).then((found) => ({ size: found.size, mtimeMs: found.mtimeMs, isFile: found.isFile() }))
    return isFile ? { file, bytes: size, modifiedAt: mtimeMs } : undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function inArchive(file: string, name: string): Promise<Found> {
  const [source, entries] = [createReadStream(file), extract()]
  const unpacked = createGunzip()
  // An error anywhere ends the reading of the entries.
  source.on('error', (error) => entries.destroy(error))
  unpacked.on('error', (error) => entries.destroy(error))
  source.pipe(unpacked).pipe(entries)
  const close = (): void => {
    source.destroy()
    unpacked.destroy()
    entries.destroy()
  }
  const reading = entries[Symbol.asyncIterator]()
  const broken = (why: string): Found => {
    close()
    return fail({ kind: 'broken', message: `${file}: ${why}` })
  }
  try {
    for (let seen = 0; seen < mostEntries; seen++) {
      const { value: entry, done } = await reading.next()
      if (done === true) return broken(`there is no ${name} in it`)
      if (entry.header.name !== name) {
        entry.resume()
        continue
      }
      return ok({ name, bytes: entry.header.size ?? 0, modifiedAt: entry.header.mtime?.getTime() ?? 0, content: thenClose(entry as AsyncIterable<Uint8Array>, close) })
    }
    return broken(`there is no ${name} among its first ${mostEntries} entries`)
  } catch (error) {
    return broken(messageOf(error))
  }
}

async function* thenClose(content: AsyncIterable<Uint8Array>, close: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* content
  } finally {
    close()
  }
}
