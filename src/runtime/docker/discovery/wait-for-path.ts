import { existsSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Resolves when a path exists, or the signal aborts; its folder must exist. */
export async function waitForPath(path: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const watcher = watch(dirname(path), { signal }, (_event, name) => {
    if (name === basename(path) && existsSync(path)) resolve(undefined)
  })
  watcher.once('error', reject)
  watcher.once('close', () => resolve(undefined))
  if (existsSync(path)) resolve(undefined)
  try {
    await promise
  } finally {
    watcher.close()
  }
}
