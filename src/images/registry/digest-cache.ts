import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { digestProblem } from '../reference/grammar.ts'

/**
 * Answers by digest (manifests, indexes, configs: a few kB each), which cannot change and are kept for ever.
 * `scope` is the repository that gave them, with its host. Without it, a manifest in a repository of one's own that names the config
 * of a private image would give access to that config.
 */
export interface DigestCache {
  get(scope: string, digest: string): Promise<Uint8Array | undefined>
  put(scope: string, digest: string, bytes: Uint8Array): Promise<void>
}

/** In memory. Above `maxBytes` the least recently used answers are removed. */
export function memoryDigestCache(maxBytes = 32 * 1024 * 1024): DigestCache {
  const kept = new Map<string, Uint8Array>()
  let size = 0
  return {
    get(scope, digest) {
      const key = `${scope} ${digest}`
      const bytes = kept.get(key)
      if (bytes !== undefined) {
        kept.delete(key)
        kept.set(key, bytes)
      }
      return Promise.resolve(bytes)
    },
    put(scope, digest, bytes) {
      const key = `${scope} ${digest}`
      if (!kept.has(key)) {
        kept.set(key, bytes)
        size += bytes.byteLength
        for (const [oldest, old] of kept) {
          if (size <= maxBytes) break
          kept.delete(oldest)
          size -= old.byteLength
        }
      }
      return Promise.resolve()
    },
  }
}

/** A cache in a folder, behind one in memory. A file whose content does not match its digest is removed. */
export function diskDigestCache(dir: string, memory: DigestCache = memoryDigestCache()): DigestCache {
  const fileOf = (scope: string, digest: string): string =>
    join(dir, createHash('sha256').update(scope).digest('hex').slice(0, 32), digest.replace(':', '-'))
  return {
    async get(scope, digest) {
      const known = await memory.get(scope, digest)
      if (known !== undefined || digestProblem(digest) !== undefined) return known
      const bytes = await readFile(fileOf(scope, digest)).catch(() => undefined)
      if (bytes === undefined) return undefined
      if (digestOf(bytes, digest) !== digest) {
        await rm(fileOf(scope, digest), { force: true })
        return undefined
      }
      await memory.put(scope, digest, bytes)
      return bytes
    },
    async put(scope, digest, bytes) {
      await memory.put(scope, digest, bytes)
      if (digestProblem(digest) !== undefined) return
      const file = fileOf(scope, digest)
      const part = `${file}.${randomUUID()}.part`
      await mkdir(dirname(file), { recursive: true })
      await writeFile(part, bytes)
      await rename(part, file)
    },
  }
}

/** The digest of bytes, by the algorithm of `like` (sha256 unless that says sha512). */
export function digestOf(bytes: Uint8Array | string, like = 'sha256:'): string {
  const algorithm = like.startsWith('sha512:') ? 'sha512' : 'sha256'
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}
