import { homedir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** `$XDG_DATA_HOME/airside`: databases, artifacts, keys. */
export function dataFolder(env: Environment = process.env): string {
  return join(env['XDG_DATA_HOME'] || join(env['HOME'] ?? homedir(), '.local', 'share'), 'airside')
}

/** `$XDG_CACHE_HOME/airside`: what can be made again. */
export function cacheFolder(env: Environment = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] ?? homedir(), '.cache'), 'airside')
}

/** The repository (or the installed package) that this file belongs to. */
export const packageRoot = join(import.meta.dirname, '..', '..')

/** The supervisor for an architecture as Go and OCI name it, as scripts/build-supervisor.mjs leaves it. */
export function supervisorBinary(architecture: string): string {
  return join(packageRoot, 'supervisor', 'bin', `airside-supervisor-linux-${architecture}`)
}
