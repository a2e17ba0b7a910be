import type { Lookup } from '../config/vars/lookup.ts'
import { loadVars, type VarOptions } from '../config/vars/var-options.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import type { FinalStatus } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'
import { decodePlan } from '../planner/plan-json.ts'
import { createStep } from '../steps/factory.ts'
import type { StepOutcome } from '../steps/ports.ts'
import { createRunState } from '../steps/run-state.ts'
import type { BuildContext, EngineServices } from './build-context.ts'
import { BuildWriter, eventWrite } from './build-writer.ts'
import { guesser } from './guess.ts'
import { LeafPorts } from './leaf-ports.ts'
import type { BuildRow, BuildStore } from './ports.ts'
import { PrepareAhead } from './prepare-ahead.ts'
import { Redactor } from './redactor.ts'

/** What a build's row holds beside its columns; encrypted at rest. */
export interface StoredBuild {
  readonly plan: JsonObject
  /** Values for `((vars))`, as they were given. */
  readonly vars?: VarOptions
  /** Names of vars that the log may show. */
  readonly revealed?: readonly string[]
  /** Texts that were filled in before planning, and that the log may not show. */
  readonly secrets?: readonly string[]
  /** Artifacts that are there from the start: local inputs. */
  readonly artifacts?: { readonly [name: string]: ArtifactRef }
  readonly createdBy?: string
}

/** Runs a claimed build to its end, or on from where a dead server left it. Throws LeaseLost when another server has it. */
export async function runBuild(
  services: EngineServices,
  store: BuildStore,
  owner: string,
  row: BuildRow,
  signal: AbortSignal,
): Promise<FinalStatus> {
  const { clock, log, runtime } = services
  const stored = row.context as unknown as StoredBuild
  const writer = new BuildWriter(store, row.id, owner, () => clock.now())
  const now = () => Math.floor(clock.now() / 1000)
  writer.emit({ type: 'status', data: { status: 'started', time: now() } }, 'status:started')

  const decoded = decodePlan(stored.plan)
  if (!decoded.ok) return end(writer, now(), errored(writer, now(), `the build's plan is broken: ${decoded.error}`))

  const redactor = new Redactor()
  redactor.add(stored.secrets ?? [])
  const [steps, containers] = await Promise.all([store.steps(row.id), store.containers(row.id)])
  const context: BuildContext = {
    services,
    build: {
      id: row.id,
      name: row.name,
      team: row.team,
      externalUrl: services.options.externalUrl,
      ...(row.pipeline !== undefined && { pipeline: row.pipeline }),
      ...(row.job !== undefined && { job: row.job }),
      ...(stored.createdBy !== undefined && { createdBy: stored.createdBy }),
    },
    plan: decoded.value,
    vars: varsOf(stored),
    writer,
    redactor,
    steps,
    containers: new Map(containers.filter((container) => !container.guess).map((container) => [container.planId, container])),
  }
  const state = createRunState()
  for (const [name, artifact] of Object.entries(stored.artifacts ?? {})) state.registerArtifact(name, artifact)
  const ahead = new PrepareAhead(context, guesser(context, state))
  const step = createStep(decoded.value, new LeafPorts(context, ahead))
  let outcome: StepOutcome
  try {
    outcome = await step.run(state, signal)
  } finally {
    await ahead.stop()
  }
  const status = await end(writer, now(), statusOf(outcome))
  // What is left belongs to nobody: containers of an earlier life of this build, guesses of a server that was killed.
  removeLeftovers(services, row.id, status).catch((error: unknown) => log.warn({ build: row.id, error: String(error), runtime: runtime.name }, 'containers of a finished build could not be removed; the sweep will'))
  return status
}

async function end(writer: BuildWriter, time: number, status: FinalStatus): Promise<FinalStatus> {
  await writer.write({
    events: [eventWrite({ type: 'status', data: { status, time } }, 'status:final')],
    finish: { status },
  })
  return status
}

function errored(writer: BuildWriter, time: number, message: string): 'errored' {
  writer.emit({ type: 'error', data: { message, origin: { id: '' }, time } }, 'error')
  return 'errored'
}

function statusOf(outcome: StepOutcome): FinalStatus {
  return outcome.kind
}

/** Values given for a run are taken for secrets, but for those that its user says are none. */
function varsOf({ vars = {}, revealed = [] }: StoredBuild): Lookup {
  const { lookup } = loadVars(vars)
  const shown = new Set(revealed)
  return (reference) => {
    const found = lookup(reference)
    return found.kind === 'found' ? { ...found, secret: !shown.has(reference.path) } : found
  }
}

async function removeLeftovers(services: EngineServices, buildId: number, status: FinalStatus): Promise<void> {
  const kept = services.options.keepFailed && status !== 'succeeded'
  for (const container of await services.runtime.list()) {
    if (container.metadata.buildId !== buildId || container.state === 'terminating') continue
    if (kept && !container.guess) continue
    await services.runtime.remove(container.handle)
  }
}
