import { encodeStoredBuild, type StoredBuild } from '../engine/stored-build.ts'
import { readRecord } from '../engine/step-record.ts'
import type { PipelineConfig } from '../model/config.ts'
import type { BuildScope } from '../model/build.ts'
import type { BuildStatus } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Version } from '../model/version.ts'
import { planCheck } from '../planner/check-plan.ts'
import type { BuildPorts, CreatedBuild } from './ports.ts'
import type { InputChoice } from './choose-inputs.ts'

export interface InputsToCheck {
  readonly config: PipelineConfig
  /** Whom the build that checks belongs to: the pipeline of the job. */
  readonly scope: BuildScope
  readonly choices: readonly InputChoice[]
  readonly stored: Omit<StoredBuild, 'plan' | 'artifacts' | 'runtime' | 'varSources'>
  readonly signal: AbortSignal
  /** Told of the build that checks, once, before it runs; its end is waited for too. */
  readonly onChecking: (build: CreatedBuild) => Promise<void>
}

export type CheckInputsError =
  | { readonly kind: 'checks-not-succeeded'; readonly status: BuildStatus | 'gone' }
  | { readonly kind: 'no-version'; readonly resource: string }

/** Checks the resources of the inputs that are not pinned, all at once; gives the newest version of each input. */
export async function checkInputs(ports: BuildPorts, { config, scope, choices, stored, signal, onChecking }: InputsToCheck): Promise<Result<Map<string, Version>, CheckInputsError>> {
  const { builds, clock } = ports
  const newest = choices.filter((choice) => choice.kind === 'newest')
  const resources = [...new Map(newest.map((choice) => [choice.resource.name, choice.resource])).values()]
  if (resources.length === 0) return ok(new Map())
  const checks = resources.map((resource, index) => planCheck(config, resource, (index + 2).toString(16)))
  const plan: Plan = { id: '1', kind: 'in_parallel', in_parallel: { steps: checks } }
  const buildId = await builds.createStarted({ kind: 'check', name: 'check', scope }, encodeStoredBuild({ ...stored, varSources: config.var_sources ?? [], runtime: ports.runtime, plan }), clock.now())
  const watched = onChecking({ buildId, plan })
  await Promise.all([watched, run(ports, buildId, signal)])
  const status = (await builds.get(buildId))?.status ?? 'gone'
  if (status !== 'succeeded') return fail({ kind: 'checks-not-succeeded', status })

  const steps = await builds.steps(buildId)
  const versions = new Map<string, Version>()
  for (const [index, resource] of resources.entries()) {
    const record = readRecord(steps.get(checks[index]?.id ?? ''))
    const version = record?.phase === 'finished' ? record.finished.version : undefined
    if (version === undefined) return fail({ kind: 'no-version', resource: resource.name })
    for (const choice of newest) if (choice.resource === resource) versions.set(choice.name, version)
  }
  return ok(versions)
}

/** Runs a build to its end here, or waits until the process that runs it has ended it. */
async function run({ engine, events }: BuildPorts, buildId: number, signal: AbortSignal): Promise<void> {
  const claimed = await engine.claim(buildId)
  if (claimed !== undefined) return void (await claimed.end)
  for await (const _events of events.stream(buildId, { signal }));
}
