import { randomBytes, randomUUID, scryptSync } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CipherError } from './cipher.ts'

/** A key from the text of `--encryption-key`: 64 hex digits or 44 characters of base64 as they are, any other text stretched. */
export function keyFromText(text: string): Uint8Array {
  const trimmed = text.trim()
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex')
  if (/^[A-Za-z0-9+/]{43}=$/.test(trimmed)) return Buffer.from(trimmed, 'base64')
  if (trimmed.length < 16) throw new CipherError('--encryption-key is shorter than 16 characters; `openssl rand -hex 32` makes a good one')
  return scryptSync(trimmed, 'airside encryption key', 32)
}

/** The key in a file that only we may read; made when it is absent. */
export async function keyFromFile(path: string): Promise<Uint8Array> {
  const found = await readKey(path)
  if (found !== undefined) return found
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  // Written under another name and linked, never over an existing file: of two processes that start at once both use the same key.
  const making = `${path}.${randomUUID()}`
  await writeFile(making, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await link(making, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(making, { force: true })
  }
  const made = await readKey(path)
  if (made === undefined) throw new CipherError(`${path} has gone while it was made`)
  return made
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  if (!/^[0-9a-f]{64}\s*$/i.test(text)) throw new CipherError(`${path} does not hold an encryption key (64 hex digits)`)
  // A file restored from a backup may be readable by others.
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600)
  return Buffer.from(text.trim(), 'hex')
}
