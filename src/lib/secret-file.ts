import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from './errors.ts'

/**
 * The content of a file that only its owner may read; made, once, if it is not there. Of two processes that make it at
 * the same time both get the same content. It is on the disk before this returns: what depends on it must not outlive it.
 */
export async function loadOrCreateSecretFile(path: string, make: () => Buffer): Promise<Buffer> {
  const existing = await readIfThere(path)
  if (existing !== undefined) return existing
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  const content = make()
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(temporary, path)
    return content
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    return await readFile(path)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
