import { silentLog, type Log } from '../../src/lib/log.ts'

export interface ReadySandboxes {
  readonly log: Log
  /** Names of the sandboxes that the server says are ready, and that no step has taken: the API says so a moment earlier, when no step would take them yet. */
  readonly ready: ReadonlySet<string>
  readonly taken: ReadonlySet<string>
  /** Why some could not be made, started or taken. */
  readonly troubles: readonly string[]
}

/** A log for a runtime, and what the runtime says in it of its sandboxes. */
export function readySandboxes(): ReadySandboxes {
  const [ready, taken] = [new Set<string>(), new Set<string>()]
  const troubles: string[] = []
  const debug = (about: object, message: string): void => {
    if ('component' in about && about.component === 'warm-sandboxes' && 'why' in about) troubles.push(`${message}: ${String(about.why)}`)
    const pod = 'pod' in about ? String(about.pod) : ''
    if (message === 'a warm sandbox waits for a step') ready.add(pod)
    if (message !== 'a step takes a warm sandbox') return
    ready.delete(pod)
    taken.add(pod)
  }
  return { log: { ...silentLog, debug }, ready, taken, troubles }
}
