import graphUrl from '../graph/worker.ts?worker&url'
import logUrl from '../log/worker.ts?worker&url'

interface Policy {
  createScriptURL(url: string): unknown
}
interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy
}

const urls = { graph: graphUrl, log: logUrl }
let policy: Policy | undefined

/**
 * Opens one of the page's workers. The content security policy takes strings for no script; the only one that it lets through,
 * `airside-worker`, knows their URLs. It is made once: a second of its name is refused.
 */
export function openWorker(name: keyof typeof urls): Worker {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
  policy ??= factory?.createPolicy('airside-worker', {
    createScriptURL(asked) {
      if (!Object.values(urls).includes(asked)) throw new TypeError('not a worker of this page')
      return asked
    },
  })
  const url = urls[name]
  return new Worker((policy?.createScriptURL(url) ?? url) as string, { type: 'module', name })
}
