import { openGate, type Gate } from '../lib/gate.ts'

/**
 * What a server does by itself, under Concourse's names, since fly knows groups of them by name. `everyMs`: how often each server
 * looks whether there is work; absent: what Concourse's component does is done elsewhere here, and pausing it changes nothing.
 */
const second = 1_000
const minute = 60 * second
const hour = 60 * minute

const table = {
  scanner: { everyMs: second, does: 'checks resources when they are due, and when a webhook or a build asks' },
  scheduler: { everyMs: second, does: 'makes builds of new versions and starts pending ones' },
  tracker: { everyMs: second, does: 'runs builds that were started; those that run go on' },
  reaper: { everyMs: 10 * minute, does: 'removes logs of builds that their job no longer keeps' },
  collector_artifacts: { everyMs: hour, does: 'forgets uploads and outputs of `execute`' },
  collector_builds: { everyMs: hour, does: 'removes what old builds say of versions that nothing needs' },
  collector_checks: { everyMs: hour, does: 'removes checks that another one has followed' },
  collector_containers: { everyMs: 10 * minute, does: 'removes containers that ended builds left behind, and their records' },
  collector_resource_caches: { everyMs: hour, does: 'forgets caches of gets that no build has used for long' },
  collector_resource_configs: { everyMs: hour, does: 'removes versions beyond the newest, and what no resource points to' },
  collector_task_caches: { everyMs: hour, does: 'forgets caches of tasks that no build has used for long' },
  collector_volumes: { everyMs: hour, does: 'deletes artifacts that nothing refers to' },
  audit_collector: { everyMs: hour, does: 'removes old entries of the audit' },
  vacuum: { everyMs: hour, does: 'frees space in the embedded database' },
  collector_access_tokens: { does: 'nothing here: expired tokens are removed at each login' },
  collector_check_sessions: { does: 'nothing here: there are no check sessions' },
  collector_pipelines: { does: 'nothing here: what a job sets no more is archived when its build ends' },
  collector_resource_cache_uses: { does: 'nothing here: caches know when they were used last' },
  collector_workers: { does: 'nothing here: there are no workers that register' },
  pipeline_pauser: { does: 'nothing here: pipelines are paused by people alone' },
} as const satisfies Readonly<Record<string, { readonly everyMs?: number; readonly does: string }>>

export type ComponentName = keyof typeof table

export const components: Readonly<Record<ComponentName, { readonly everyMs?: number; readonly does: string }>> = table
export const componentNames = Object.keys(table) as readonly ComponentName[]
export const isComponent = (name: string): name is ComponentName => Object.hasOwn(table, name)

/** Those that fly's --runtime-components names, and its --gc-components (Concourse: atc/component.go). */
export const runtimeComponents: readonly ComponentName[] = ['tracker', 'scanner', 'scheduler']
export const gcComponents: readonly ComponentName[] = componentNames.filter((name) => name === 'reaper' || name === 'pipeline_pauser' || name.startsWith('collector_'))

/** The way to each component's work. */
export type Gates = (name: ComponentName) => Gate

/** Nothing is paused. */
export const allOpen: Gates = () => openGate

/** A component as it is on the server that answers. */
export interface ComponentState {
  readonly name: ComponentName
  readonly paused: boolean
  /** When this server did its work last, unix ms; absent: not yet. */
  readonly lastRanAt?: number
}
