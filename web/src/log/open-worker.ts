import url from './worker.ts?worker&url'
import type { WorkerLike } from './client.ts'

interface Policy {
  createScriptURL(url: string): unknown
}
interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy
}

let policy: Policy | undefined

/**
 * Opens the log worker. The page's policy takes strings for no script; the only one that it lets through, `airside-worker`, knows one
 * URL.
 */
export function openWorker(): WorkerLike {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
  policy ??= factory?.createPolicy('airside-worker', {
    createScriptURL(asked) {
      if (asked !== url) throw new TypeError('not a worker of this page')
      return asked
    },
  })
  return new Worker((policy?.createScriptURL(url) ?? url) as string, { type: 'module', name: 'log' })
}
