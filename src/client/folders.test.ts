import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createGzip, gunzipSync } from 'node:zlib'
import { pack, type Header } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packFolder } from './pack-folder.ts'
import { unpackFolder } from './unpack-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'airside-folders-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

type Entry = Partial<Header> & { readonly name: string }

/** An archive of entries with a content of a few bytes. */
function archive(...entries: readonly Entry[]): Readable {
  const tar = pack()
  for (const entry of entries) tar.entry(entry, entry.type === undefined || entry.type === 'file' ? 'new' : '')
  tar.finalize()
  return (tar as unknown as Readable).pipe(createGzip())
}

describe('a folder that is packed and unpacked', () => {
  test('is the same: contents, empty files and folders, links, modes and times', async () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'deep', 'to')]
    await mkdir(join(from, 'sub', 'empty'), { recursive: true })
    const big = Buffer.alloc(3_000_000, 'abc')
    await writeFile(join(from, 'sub', 'big'), big)
    await writeFile(join(from, 'none'), '')
    await writeFile(join(from, 'run.sh'), '#!/bin/sh\n')
    await chmod(join(from, 'run.sh'), 0o755)
    await symlink('sub/big', join(from, 'link'))
    await unpackFolder(packFolder(from, ['.']), to)
    expect((await readFile(join(to, 'sub', 'big'))).equals(big)).toBe(true)
    expect(await readFile(join(to, 'none'), 'utf8')).toBe('')
    expect(await readlink(join(to, 'link'))).toBe('sub/big')
    expect((await stat(join(to, 'sub', 'empty'))).isDirectory()).toBe(true)
    expect((await stat(join(to, 'run.sh'))).mode & 0o777).toBe(0o755)
    expect(Math.trunc((await stat(join(to, 'none'))).mtimeMs / 1000)).toBe(Math.trunc((await stat(join(from, 'none'))).mtimeMs / 1000))
  })

  test('has the paths that were named alone, those that are gone left out', async () => {
    await mkdir(join(folder, 'sub'))
    await writeFile(join(folder, 'sub', 'a'), 'a')
    await writeFile(join(folder, 'b'), 'b')
    const text = gunzipSync(await buffer(packFolder(folder, ['sub/a', 'gone']))).toString('latin1')
    expect(text.startsWith('sub/a\0')).toBe(true)
    expect(text).not.toContain('gone')
    expect(text).toHaveLength(512 * 2 + 1024)
  })

  test('that is not there fails the reader', async () => {
    await expect(buffer(packFolder(join(folder, 'nothing'), ['.']))).rejects.toThrow(/ENOENT.*nothing/)
  })

  test('whose reader leaves is no longer read', async () => {
    await writeFile(join(folder, 'big'), Buffer.alloc(8_000_000, 'x'))
    const packed = packFolder(folder, ['.'])
    await once(packed, 'readable')
    packed.destroy()
    await once(packed, 'close')
  })
})

describe('an archive that is unpacked', () => {
  test.each<[string, readonly Entry[], RegExp]>([
    ['leads out by its name', [{ name: '../up' }], /leads out of the folder: "\.\.\/up"/],
    ['has an absolute name', [{ name: '/tmp/airside-absolute' }], /leads out of the folder/],
    ['writes through a link that it brings', [{ name: 'a', type: 'symlink', linkname: '/tmp' }, { name: 'a/airside-through' }], /through the symbolic link/],
    ['links to a file outside', [{ name: 'a', type: 'link', linkname: '../../etc/passwd' }], /leads out of the folder/],
    ['links through a link that it brings', [{ name: 'a', type: 'symlink', linkname: '/etc' }, { name: 'b', type: 'link', linkname: 'a/passwd' }], /through the symbolic link/],
    ['has a file where a folder is', [{ name: 'there' }], /there is in the way/],
    ['has a folder where a file is', [{ name: 'file/x' }], /file is in the way/],
  ])('is refused when it %s', async (_what, entries, words) => {
    const into = join(folder, 'into')
    await mkdir(join(into, 'there'), { recursive: true })
    await writeFile(join(into, 'file'), 'old')
    await expect(unpackFolder(archive(...entries), into)).rejects.toThrow(words)
    expect(await readFile(join(into, 'file'), 'utf8')).toBe('old')
  })

  test('takes the place of files and links, never of what a link names', async () => {
    await mkdir(join(folder, 'into'))
    await writeFile(join(folder, 'outside'), 'kept')
    await symlink('../outside', join(folder, 'into', 'file'))
    await unpackFolder(archive({ name: 'file' }, { name: 'again', type: 'link', linkname: 'file' }, { name: 'pipe', type: 'fifo' }), join(folder, 'into'))
    expect(await readFile(join(folder, 'into', 'file'), 'utf8')).toBe('new')
    expect(await readFile(join(folder, 'into', 'again'), 'utf8')).toBe('new')
    expect(await readFile(join(folder, 'outside'), 'utf8')).toBe('kept')
  })

  test('that is cut off, or is none, fails', async () => {
    const whole = await buffer(archive({ name: 'file' }))
    await expect(unpackFolder(Readable.from([whole.subarray(0, whole.length - 20)]), folder)).rejects.toThrow(/unexpected end/)
    await expect(unpackFolder(Readable.from([Buffer.from('<html>')]), folder)).rejects.toThrow(/incorrect header/)
    const broken = new PassThrough()
    broken.write(whole.subarray(0, 10))
    const unpacking = unpackFolder(broken, folder)
    broken.destroy(new Error('the connection broke'))
    await expect(unpacking).rejects.toThrow('the connection broke')
    const left = new PassThrough()
    const cut = unpackFolder(left, folder)
    left.destroy()
    await expect(cut).rejects.toThrow('the archive is cut off')
  })
})
