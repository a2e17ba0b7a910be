import { existsSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Resolves when a path exists; its folder must. */
export async function waitForPath(path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const watcher = watch(dirname(path), (_event, name) => {
    if (name === basename(path) && existsSync(path)) resolve(undefined)
  })
  watcher.once('error', reject)
  if (existsSync(path)) resolve(undefined)
  try {
    await promise
  } finally {
    watcher.close()
  }
}
