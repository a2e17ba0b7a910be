import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { createInflateRaw } from 'node:zlib'
import { fail, ok, type Result } from '../model/result.ts'

export interface ZipEntry {
  /** Unpacked. */
  readonly bytes: number
  readonly content: AsyncIterable<Uint8Array>
}

/** The end of a zip file, which says where its list of entries is, and the longest comment after it. */
const endLength = 22
const longestEnd = endLength + 65_535
/** Archives of Concourse hold fly alone. */
const mostListBytes = 64 * 1024
const [endMark, listMark, localMark] = [0x06054b50, 0x02014b50, 0x04034b50]

/** One file of a zip archive, by its name. Archives of more than 4 GiB are refused. */
export async function zipEntry(file: string, name: string): Promise<Result<ZipEntry, string>> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const tail = await bytesAt(handle, Math.max(0, size - longestEnd), Math.min(size, longestEnd))
    const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
    if (end < 0 || tail.length - end < endLength || tail.readUInt32LE(end) !== endMark) return fail('it is no zip archive, or is cut off')
    const [listBytes, listAt] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)]
    if (listBytes > mostListBytes || listAt + listBytes > size) return fail('its list of entries is too long, or cut off')
    const found = find(await bytesAt(handle, listAt, listBytes), name)
    if (found === undefined) return fail(`there is no ${name} in it`)
    const local = await bytesAt(handle, found.at, 30)
    if (local.length < 30 || local.readUInt32LE(0) !== localMark) return fail(`${name} is not where its list says`)
    const start = found.at + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
    if (start + found.packed > size) return fail(`${name} is cut off`)
    if (found.method !== 0 && found.method !== 8) return fail(`${name} is packed by method ${found.method}; only stored and deflated files can be read`)
    const packed = createReadStream(file, { start, end: start + Math.max(found.packed, 1) - 1 })
    return ok({ bytes: found.bytes, content: found.method === 0 ? packed : inflated(packed) })
  } finally {
    await handle.close()
  }
}

function find(list: Buffer, name: string): { readonly method: number; readonly packed: number; readonly bytes: number; readonly at: number } | undefined {
  for (let at = 0; at + 46 <= list.length && list.readUInt32LE(at) === listMark; ) {
    const length = list.readUInt16LE(at + 28)
    if (list.toString('utf8', at + 46, at + 46 + length) === name) return { method: list.readUInt16LE(at + 10), packed: list.readUInt32LE(at + 20), bytes: list.readUInt32LE(at + 24), at: list.readUInt32LE(at + 42) }
    at += 46 + length + list.readUInt16LE(at + 30) + list.readUInt16LE(at + 32)
  }
  return undefined
}

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at)
  return buffer.subarray(0, bytesRead)
}

/** An error of either ends the reading. */
async function* inflated(packed: ReturnType<typeof createReadStream>): AsyncGenerator<Uint8Array> {
  const unpacked = createInflateRaw()
  packed.on('error', (error) => unpacked.destroy(error))
  try {
    yield* packed.pipe(unpacked) as AsyncIterable<Uint8Array>
  } finally {
    packed.destroy()
    unpacked.destroy()
  }
}
