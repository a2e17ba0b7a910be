import type { Clock } from '../../lib/clock.ts'
import { ok } from '../../model/result.ts'
import { PipelinesOfSteps } from '../../pipelines/set-by-step.ts'
import { MemoryPipelines } from '../../pipelines/testing/memory-pipelines.ts'

const noRows = { remove: [], rename: [], insert: [], update: [], deactivate: [] }

/**
 * Pipelines in memory: `p` of the team main is set, which a MemoryStore's builds belong to; without a server it is not. Main's owners are
 * admins, those of other are not.
 */
export function fakePipelines(clock: Clock, { server = true }: { readonly server?: boolean } = {}): { readonly store: MemoryPipelines; readonly setter: PipelinesOfSteps } {
  const store = new MemoryPipelines(['main', 'other'])
  // It is there when this returns: nothing in memory waits.
  if (server) void store.save(
    { team: 'main', name: 'p' },
    { config: {}, by: 'test', initially: 'unpaused', changes: () => ok({ jobs: noRows, resources: noRows, types: [], inputs: [], serialGroups: [] }) },
    0,
  )
  const teams = { list: () => Promise.resolve([{ name: 'main', admin: true }, { name: 'other', admin: false }]) }
  return { store, setter: new PipelinesOfSteps(store, teams, clock) }
}
