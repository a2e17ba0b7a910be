import type { App } from '../../app/open-app.ts'
import { encodeStoredBuild, type StoredBuild } from '../../engine/stored-build.ts'
import { readRecord } from '../../engine/step-record.ts'
import type { PipelineConfig } from '../../model/config.ts'
import type { Plan } from '../../model/plan.ts'
import type { Version } from '../../model/version.ts'
import { planCheck } from '../../planner/check-plan.ts'
import { CommandError, exitStatus } from '../exit.ts'
import type { FollowOptions } from './follow.ts'
import { follow } from './follow.ts'
import type { InputChoice } from './job-inputs.ts'

/**
 * Checks of a run that was killed are nobody's any more, since a run makes its own: they are aborted, and their containers removed.
 * Only for databases that no other process has. `ended` is to be waited for before the app is closed: a stopping engine leaves builds
 * as they are.
 */
export async function endAbandonedChecks(app: App): Promise<{ readonly ended: Promise<unknown> }> {
  const ends: Promise<unknown>[] = []
  for (const build of await app.stores.builds.list({ unfinished: true })) {
    if (build.kind !== 'check') continue
    await app.stores.builds.requestAbort(build.id, app.services.clock.now())
    const claimed = await app.engine.claim(build.id)
    if (claimed !== undefined) ends.push(claimed.end)
  }
  return { ended: Promise.allSettled(ends) }
}

/** Checks the resources of the inputs that are not pinned, all at once; gives the newest version of each input. */
export async function checkInputs(
  app: App,
  config: PipelineConfig,
  pipeline: string,
  choices: readonly InputChoice[],
  stored: Omit<StoredBuild, 'plan'>,
  options: Omit<FollowOptions, 'app' | 'buildId' | 'plan'>,
  onBuild: (buildId: number) => void,
): Promise<Map<string, Version>> {
  const newest = choices.filter((choice) => choice.kind === 'newest')
  const resources = [...new Map(newest.map((choice) => [choice.resource.name, choice.resource])).values()]
  if (resources.length === 0) return new Map()
  const checks = resources.map((resource, index) => planCheck(config, resource, (index + 2).toString(16)))
  const plan: Plan = { id: '1', kind: 'in_parallel', in_parallel: { steps: checks } }
  const context = encodeStoredBuild({ ...stored, plan })
  const now = app.services.clock.now()
  const scope = await app.stores.scopes.ensure({ team: 'main', pipeline }, now)
  const buildId = await app.stores.builds.createStarted({ kind: 'check', name: 'check', scope }, context, now)
  onBuild(buildId)
  const claimed = await app.engine.claim(buildId)
  const exit = await follow({ ...options, app, buildId, plan, write: (text) => options.write(text.replace(/^.*succeeded.*\n$/, '')) })
  await claimed?.end
  if (exit !== 0) throw new CommandError('the inputs of the job could not be checked', exit)

  const steps = await app.stores.builds.steps(buildId)
  const versions = new Map<string, Version>()
  for (const [index, resource] of resources.entries()) {
    const record = readRecord(steps.get(checks[index]?.id ?? ''))
    const version = record?.phase === 'finished' ? record.finished.version : undefined
    if (version === undefined) throw new CommandError(`latest version of resource not found: the check of ${resource.name} gave no version`, exitStatus.errored)
    for (const choice of newest) if (choice.resource === resource) versions.set(choice.name, version)
  }
  return versions
}
