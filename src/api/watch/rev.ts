import { createHash } from 'node:crypto'

/** Names what a client has of a topic: the JSON of its items. The same on every server, so that one that comes back elsewhere gets only what changed. */
export function revOf(items: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const item of items) hash.update(item).update('\n')
  return hash.digest('base64url').slice(0, 16)
}
