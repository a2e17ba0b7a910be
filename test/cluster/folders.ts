import { homedir } from 'node:os'
import { join } from 'node:path'
import { CLUSTER_NUMBER } from './settings.ts'

function xdg(variable: string, ...fallback: string[]): string {
  return process.env[variable] || join(homedir(), ...fallback)
}

/** Where built programs are kept between runs. */
export function cacheFolder(): string {
  return join(xdg('XDG_CACHE_HOME', '.cache'), 'airside', 'test-cluster')
}

/** Everything a running cluster has on disk. A start clears it, so each number has its own. */
export function stateFolder(): string {
  return join(xdg('XDG_STATE_HOME', '.local', 'state'), 'airside', `test-cluster${CLUSTER_NUMBER === 0 ? '' : `-${CLUSTER_NUMBER}`}`)
}
