import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadOrCreateSecretFile } from './secret-file.ts'

test('is made once, for its owner alone, whoever else makes it at the same time', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'airside-secret-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const path = join(dir, 'data', 'key')
  const make = () => randomBytes(32)
  const contents = await Promise.all(Array.from({ length: 10 }, () => loadOrCreateSecretFile(path, make)))
  expect(new Set(contents.map((content) => content.toString('hex'))).size).toBe(1)
  expect((await loadOrCreateSecretFile(path, make)).equals(contents[0]!)).toBe(true)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(dir, 'data'))).toEqual(['key'])
})
