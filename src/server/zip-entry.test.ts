import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findFly } from './fly-programs.ts'
import { zipEntry } from './zip-entry.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'airside-zip-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A zip archive of the files, each deflated or stored. */
function zip(files: readonly { readonly name: string; readonly text: string; readonly method: number }[], comment = ''): Buffer {
  const [parts, list]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const { name, text, method } of files) {
    const [data, title] = [method === 8 ? deflateRawSync(text) : Buffer.from(text), Buffer.from(name)]
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(Buffer.byteLength(text), 18)
    common.writeUInt16LE(title.length, 22)
    const entry = Buffer.alloc(14)
    entry.writeUInt32LE(at, 10)
    list.push(Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), common, entry, title)
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), common, title, data])
    parts.push(local)
    at += local.length
  }
  const listed = Buffer.concat(list)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(at, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...parts, listed, end, Buffer.from(comment)])
}

async function read(content: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

test.each([0, 8])('a server hands out the fly.exe of Concourse’s archive for Windows (method %i)', async (method) => {
  await writeFile(join(folder, 'fly-windows-amd64.zip'), zip([{ name: 'README', text: 'read', method }, { name: 'fly.exe', text: 'x'.repeat(100_000), method }], 'made by hand'))
  const found = await findFly(folder, 'windows', 'amd64')
  if (!found.ok) throw new Error(found.error.message)
  expect(found.value).toMatchObject({ name: 'fly.exe', bytes: 100_000 })
  expect(await read(found.value.content)).toBe('x'.repeat(100_000))
})

const whole = zip([{ name: 'fly.exe', text: 'fly '.repeat(1_000), method: 8 }])
test.each([
  ['is empty', Buffer.alloc(0), 'no zip archive'],
  ['is something else', Buffer.from('#!/bin/sh\n'.repeat(10)), 'no zip archive'],
  ['is cut off', whole.subarray(0, -3), 'no zip archive'],
  ['lacks its beginning', whole.subarray(20), 'there is no fly.exe in it'],
  ['holds other files', zip([{ name: 'other', text: 'x', method: 8 }]), 'there is no fly.exe in it'],
  ['is packed in another way', zip([{ name: 'fly.exe', text: 'x', method: 12 }]), 'method 12'],
  ['lists more than is looked at', zip(Array.from({ length: 2_000 }, (_, n) => ({ name: `file-${n}`, text: '', method: 0 }))), 'too long'],
])('an archive that %s is refused in words', async (_, bytes, words) => {
  const file = join(folder, 'a.zip')
  await writeFile(file, bytes)
  expect(await zipEntry(file, 'fly.exe')).toEqual({ ok: false, error: expect.stringContaining(words) as string })
})
