import { silentLog, type Log } from '../../src/lib/log.ts'

/** A log, and the names of the sandboxes that the server says in it are ready: the API says so a moment earlier, when no step would take them yet. */
export function readySandboxes(): { readonly log: Log; readonly ready: ReadonlySet<string> } {
  const ready = new Set<string>()
  const debug = (about: object, message: string): void => {
    if (message === 'a warm sandbox waits for a step' && 'pod' in about) ready.add(String(about.pod))
  }
  return { log: { ...silentLog, debug }, ready }
}
