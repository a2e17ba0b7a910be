import { execFile } from 'node:child_process'
import { chmod, link, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { collect } from './testing/conformance.ts'
import { openDiskStore } from './disk.ts'
import { packDirectory, putDirectory } from './pack.ts'
import { readArtifactFile } from './read-file.ts'

const run = promisify(execFile)
let dir: string
let tree: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-pack-'))
  tree = join(dir, 'tree')
  await mkdir(tree)
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function entries(stream: AsyncIterable<Uint8Array>) {
  const found: { name: string; type: string; mode: number; linkname: string | null; mtime: number; content: string }[] = []
  const tar = extract()
  Readable.from(stream).pipe(tar)
  for await (const entry of tar) {
    const { name, type, mode, linkname, mtime } = entry.header
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    found.push({ name, type, mode, linkname, mtime: mtime.getTime(), content: Buffer.concat(chunks).toString() })
  }
  return found
}

test('holds files, folders, links and fifos, in the order of their bytes', async () => {
  await mkdir(join(tree, 'a'))
  await writeFile(join(tree, 'a', 'inner'), 'x')
  await writeFile(join(tree, 'a-b'), 'script')
  await chmod(join(tree, 'a-b'), 0o4755)
  await writeFile(join(tree, 'a.txt'), Buffer.alloc(200_000, 'y'))
  await link(join(tree, 'a.txt'), join(tree, 'z-hard'))
  await symlink('a/inner', join(tree, 'link'))
  await symlink('/nowhere', join(tree, 'dangling'))
  await run('mkfifo', [join(tree, 'pipe')])
  await writeFile(join(tree, 'ümlaut'), '')
  const found = await entries(packDirectory(tree))
  expect(found.map(({ name, type }) => [name.replace(/\/$/, ''), type])).toEqual([
    ['.', 'directory'],
    ['a-b', 'file'],
    ['a.txt', 'file'],
    ['a', 'directory'],
    ['a/inner', 'file'],
    ['dangling', 'symlink'],
    ['link', 'symlink'],
    ['pipe', 'fifo'],
    ['z-hard', 'link'],
    ['ümlaut', 'file'],
  ])
  expect(found[1]).toMatchObject({ mode: 0o4755, content: 'script' })
  expect(found[2]?.content).toBe('y'.repeat(200_000))
  expect(found[8]).toMatchObject({ linkname: 'a.txt' })
})

test('GNU tar reads it, and the same tree gives the same stream', async () => {
  await mkdir(join(tree, 'deep'.repeat(20), 'er'.repeat(60)), { recursive: true })
  await writeFile(join(tree, 'deep'.repeat(20), 'er'.repeat(60), 'f'), 'content')
  await writeFile(join(tree, 'n'.repeat(130)), 'long name')
  const stream = await collect(packDirectory(tree))
  await writeFile(join(dir, 'a.tar'), stream)
  const copy = join(dir, 'copy')
  await mkdir(copy)
  await run('tar', ['-xpf', join(dir, 'a.tar'), '-C', copy])
  expect((await collect(packDirectory(copy))).equals(stream)).toBe(true)
  await utimes(join(copy, 'n'.repeat(130)), 5, 5.25)
  expect((await collect(packDirectory(copy))).equals(stream)).toBe(false)
})

test('times keep their nanoseconds, also those before 1970', async () => {
  await symlink('x', join(tree, 'l'))
  await run('touch', ['-h', '-d', '1969-12-31 23:59:58.500000001 UTC', join(tree, 'l')])
  const text = (await collect(packDirectory(tree))).toString('latin1')
  expect(text).toContain('mtime=-1.499999999\n')
})

test('sockets are left out with a notice', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(tree, 'sock'), resolve))
  const skipped: string[] = []
  const found = await entries(packDirectory(tree, { onSkipped: (message) => skipped.push(message) }))
  server.close()
  expect(found.map(({ name }) => name)).toEqual(['./'])
  expect(skipped).toEqual([`${join(tree, 'sock')} is a socket and is left out`])
})

test('a folder that is not there is an error', async () => {
  const store = await openDiskStore(join(dir, 'store'))
  await expect(putDirectory(store, join(dir, 'nothing'))).rejects.toThrow('ENOENT')
})

test('one file is read without unpacking: through links inside, never outside, never beyond the limit', async () => {
  await mkdir(join(tree, 'ci', 'tasks'), { recursive: true })
  await writeFile(join(tree, 'ci', 'tasks', 'unit.yml'), 'platform: linux\n')
  await symlink('ci/tasks', join(tree, 'zz'))
  await symlink('../zz/unit.yml', join(tree, 'ci', 'again.yml'))
  await link(join(tree, 'ci', 'tasks', 'unit.yml'), join(tree, 'zhard'))
  await symlink('../../etc/passwd', join(tree, 'out'))
  await symlink('/etc/passwd', join(tree, 'absolute'))
  await symlink('loop', join(tree, 'loop'))
  const store = await openDiskStore(join(dir, 'store'))
  const stored = await putDirectory(store, tree)
  if (!stored.ok) throw new Error(stored.error.message)
  const read = (path: string, limit = 100) => readArtifactFile(store, { digest: stored.value.digest, path, limit })
  for (const path of ['ci/tasks/unit.yml', './ci//tasks/unit.yml', 'zz/unit.yml', 'ci/again.yml', 'zhard', 'ci/x/../again.yml']) {
    expect(await read(path), path).toEqual({ ok: true, value: Buffer.from('platform: linux\n') })
  }
  for (const [path, kind] of [
    ['ci/tasks/none.yml', 'missing'],
    ['ci/tasks', 'not-a-file'],
    ['zz', 'not-a-file'],
    ['out', 'outside'],
    ['absolute', 'outside'],
    ['loop', 'outside'],
    ['../x', 'outside'],
    ['/etc/passwd', 'outside'],
  ] as const) {
    expect(await read(path), path).toMatchObject({ ok: false, error: { kind } })
  }
  expect(await read('ci/tasks/unit.yml', 15)).toMatchObject({ ok: false, error: { kind: 'too-large', message: expect.stringContaining('16 bytes') } })
  await store.delete(stored.value.digest)
  expect(await read('zhard')).toMatchObject({ ok: false, error: { kind: 'no-artifact' } })
})
