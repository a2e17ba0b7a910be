import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keyFromFile, keyFromText } from './encryption-key.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-key-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

it('makes a key file that only its owner may read, the same for all that start at once', async () => {
  const path = join(dir, 'data', 'encryption-key')
  const keys = await Promise.all(Array.from({ length: 8 }, () => keyFromFile(path)))
  expect(keys[0]).toHaveLength(32)
  expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(dir, 'data'))).toEqual(['encryption-key'])
  await chmod(path, 0o644)
  expect(await keyFromFile(path)).toEqual(keys[0])
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

it('does not replace a file that holds no key', async () => {
  const path = join(dir, 'key')
  await writeFile(path, 'oops')
  await expect(keyFromFile(path)).rejects.toThrow('does not hold an encryption key')
  expect(await readFile(path, 'utf8')).toBe('oops')
})

it('takes hex, base64, and any longer text', () => {
  const bytes = Buffer.alloc(32, 0xab)
  expect(keyFromText(`${bytes.toString('hex')}\n`)).toEqual(bytes)
  expect(keyFromText(bytes.toString('base64'))).toEqual(bytes)
  const stretched = keyFromText('a sentence that one can remember')
  expect(stretched).toHaveLength(32)
  expect(keyFromText('a sentence that one can remember')).toEqual(stretched)
  expect(() => keyFromText('short')).toThrow('shorter than 16 characters')
})
