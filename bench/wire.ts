import type { RegistryAccess } from '../test/services/registry-access.ts'

/** What went between a registry and those who ask it, in bytes of bodies. */
export interface Wire {
  /** To the server: manifests, configurations. */
  readonly server: number
  /** To containers. */
  readonly containers: number
  /** To the node. */
  readonly node: number
  /** Blobs that were sent to the registry, by digest, and in which repository: the log does not tell their size. */
  readonly uploads: readonly { readonly repository: string; readonly digest: string }[]
}

/** `containers`: how the user agent of what asks from within containers begins. */
export function wireOf(log: readonly RegistryAccess[], containers: string): Wire {
  const bytes = { server: 0, containers: 0, node: 0 }
  const uploads: { repository: string; digest: string }[] = []
  for (const { method, path, userAgent, kind, repository = '', status, bytes: answered } of log) {
    bytes[userAgent.startsWith('airside') ? 'server' : userAgent.startsWith(containers) ? 'containers' : 'node'] += method === 'HEAD' ? 0 : answered
    const digest = kind === 'upload' && method === 'PUT' && status === 201 ? new URLSearchParams(path.slice(path.indexOf('?') + 1)).get('digest') : null
    if (digest !== null) uploads.push({ repository, digest })
  }
  return { ...bytes, uploads }
}
