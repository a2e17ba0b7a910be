import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findFly } from './fly-programs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'airside-fly-programs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function archiveOf(...entries: readonly (readonly [string, string])[]): Promise<Buffer> {
  const tar = pack()
  for (const [name, content] of entries) tar.entry({ name, mtime: new Date(1_000_000) }, content)
  tar.finalize()
  return gzipSync(await buffer(tar))
}

async function found(platform: string, arch = 'amd64') {
  const program = await findFly(folder, platform, arch)
  if (!program.ok) return program.error
  const { content, modifiedAt: _, ...rest } = program.value
  return { ...rest, text: (await buffer(content as never)).toString() }
}

test('fly comes from a plain file, or from an archive of Concourse', async () => {
  await writeFile(join(folder, 'fly-linux-amd64.tgz'), await archiveOf(['LICENSE', 'x'], ['fly', 'program']))
  await writeFile(join(folder, 'fly-darwin-arm64'), 'plain')
  await writeFile(join(folder, 'fly-windows-amd64.exe'), 'windows')
  expect(await found('linux')).toEqual({ name: 'fly', bytes: 7, text: 'program' })
  expect(await found('darwin', 'arm64')).toEqual({ name: 'fly', bytes: 5, text: 'plain' })
  expect(await found('windows')).toEqual({ name: 'fly.exe', bytes: 7, text: 'windows' })
})

test('a platform without a program, and a server without a folder, say where fly comes from', async () => {
  expect(await found('plan9')).toMatchObject({ kind: 'missing', message: expect.stringContaining('no fly for plan9 on amd64; get it from https://') as string })
  expect(await findFly(undefined, 'linux', 'amd64')).toMatchObject({ ok: false, error: { kind: 'missing', message: expect.stringContaining('--cli-artifacts-dir') as string } })
})

test.each([
  ['is no archive', Buffer.from('text')],
  ['is cut off', gzipSync(Buffer.alloc(4096, 1)).subarray(0, 20)],
])('an archive that %s is an error', async (_, bytes) => {
  await writeFile(join(folder, 'fly-linux-amd64.tgz'), bytes)
  expect(await found('linux')).toMatchObject({ kind: 'broken' })
})

test('an archive without fly, or with fly behind too many entries, is an error', async () => {
  await writeFile(join(folder, 'fly-linux-amd64.tgz'), await archiveOf(['other', 'x']))
  expect(await found('linux')).toMatchObject({ kind: 'broken', message: expect.stringContaining('there is no fly in it') as string })
  const many = Array.from({ length: 100 }, (_, index) => [`file ${index}`, ''] as const)
  await writeFile(join(folder, 'fly-linux-amd64.tgz'), await archiveOf(...many, ['fly', 'x']))
  expect(await found('linux')).toMatchObject({ kind: 'broken', message: expect.stringContaining('among its first 100 entries') as string })
})
