import { digestProblem, pathProblem, tagProblem } from '../reference/grammar.ts'

/** What a request's path asks for. `name` is a valid repository, so it names no other folder than its own. */
export type RegistryPath =
  | { readonly kind: 'base' }
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly name: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly name: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string }
  | { readonly kind: 'tags'; readonly name: string }

const uploadId = /^[0-9a-f-]{36}$/

/** `pathname` without its query, still percent-encoded. */
export function parseRegistryPath(pathname: string): RegistryPath | undefined {
  if (pathname === '/v2/' || pathname === '/v2') return { kind: 'base' }
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  const match = /^\/v2\/(.+?)\/(?:manifests\/([^/]+)|blobs\/uploads\/([^/]*)|blobs\/([^/]+)|(tags\/list))$/.exec(path)
  const name = match?.[1]
  if (match === null || name === undefined || name.length > 255 || pathProblem(name) !== undefined) return undefined
  const [, , reference, upload, digest] = match
  if (reference !== undefined) {
    const valid = reference.includes(':') ? digestProblem(reference) === undefined : tagProblem(reference) === undefined
    return valid ? { kind: 'manifest', name, reference } : undefined
  }
  if (upload === '') return { kind: 'uploads', name }
  if (upload !== undefined) return uploadId.test(upload) ? { kind: 'upload', name, id: upload } : undefined
  if (digest !== undefined) return digestProblem(digest) === undefined ? { kind: 'blob', name, digest } : undefined
  return { kind: 'tags', name }
}
