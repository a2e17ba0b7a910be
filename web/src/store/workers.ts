import graphUrl from '../graph/worker.ts?worker&url'
import logUrl from '../log/worker.ts?worker&url'

interface Policy {
  createScriptURL(url: string): unknown
}
interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy
}

const urls = { graph: graphUrl, log: logUrl }
type Name = keyof typeof urls
let policy: Policy | undefined
/** Started for whoever opens the next of its kind. */
const prepared = new Map<Name, Worker>()

/** Starts a worker that will soon be opened: its script is loaded while the page still waits for what the worker is to read. */
export function prepareWorker(name: Name): void {
  if (!prepared.has(name)) prepared.set(name, start(name))
}

export function openWorker(name: Name): Worker {
  const worker = prepared.get(name) ?? start(name)
  prepared.delete(name)
  return worker
}

/**
 * Starts one of the page's workers. The content security policy takes strings for no script; the only one that it lets through,
 * `airside-worker`, knows their URLs. It is made once: a second of its name is refused.
 */
function start(name: Name): Worker {
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
