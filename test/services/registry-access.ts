import { readFile } from 'node:fs/promises'

/** One request that the registry answered. */
export interface RegistryAccess {
  readonly method: string
  /** Path and query as sent. */
  readonly path: string
  readonly status: number
  /** Bytes of the answer's body. */
  readonly bytes: number
  readonly userAgent: string
  /** Unix seconds: the log has no finer time. */
  readonly time: number
  /** Repository and what was asked of it, for the paths of the distribution API. */
  readonly repository?: string
  readonly kind?: 'manifest' | 'blob' | 'tags' | 'upload' | 'referrers'
  /** Tag or digest. */
  readonly reference?: string
}

// host - user [time] "METHOD path HTTP/1.1" status bytes "referer" "agent"
const line = /^\S+ - \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d+) (\d+) "(?:[^"\\]|\\.)*" "((?:[^"\\]|\\.)*)"$/
const distributionPath = /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/([^?]*)/
const kinds = { manifests: 'manifest', blobs: 'blob', tags: 'tags', referrers: 'referrers' } as const

export async function readAccessLog(file: string): Promise<RegistryAccess[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').flatMap((entry) => parseAccess(entry) ?? [])
}

export function parseAccess(entry: string): RegistryAccess | undefined {
  const match = line.exec(entry)
  if (match === null) return undefined
  const [, time = '', method = '', path = '', status, bytes, userAgent = ''] = match
  const access = { method, path, status: Number(status), bytes: Number(bytes), userAgent, time: seconds(time) }
  const parts = distributionPath.exec(path)
  if (parts === null) return access
  const [, repository = '', word = '', reference = ''] = parts
  const kind = reference.startsWith('uploads/') ? 'upload' : kinds[word as keyof typeof kinds]
  return { ...access, repository, kind, reference }
}

/** "25/Nov/2026:04:26:27 +0000" */
function seconds(time: string): number {
  const [, day, month, year, clock, zone] = /^(\d+)\/(\w+)\/(\d+):([\d:]+) (\S+)$/.exec(time) ?? []
  return Date.parse(`${day} ${month} ${year} ${clock} ${zone}`) / 1000
}
