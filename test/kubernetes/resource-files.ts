import { randomBytes } from 'node:crypto'

const script = (body: string) => ({ content: `#!/bin/sh\n${body}\n`, mode: 0o755 })

/** A resource of scripts, for a busybox image: one version, a file, and a put that shows what it got. */
export const resourceFiles = () => [
  { path: 'opt/', folder: true as const },
  { path: 'opt/resource/', folder: true as const },
  { path: 'opt/resource/check', ...script('cat >/dev/null; echo \'[{"n":"1"}]\'') },
  { path: 'opt/resource/in', ...script('cat >/dev/null; echo fetched > "$1/file"; echo \'{"version":{"n":"1"}}\'') },
  { path: 'opt/resource/out', ...script('cat >/dev/null; cat "$1"/made/file >&2; echo \'{"version":{"n":"1"}}\'') },
  // Never on the node, never in a cache: its pulls are seen.
  { path: 'unique', content: randomBytes(64).toString('hex') },
]
