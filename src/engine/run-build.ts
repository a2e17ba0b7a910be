import { instanceQuery } from '../config/vars/instance-query.ts'
import { messageOf } from '../lib/errors.ts'
import { redactError } from '../lib/secrets.ts'
import type { FinalStatus } from '../model/event.ts'
import { finalStatus } from '../model/final-status.ts'
import type { JsonObject } from '../model/json.ts'
import { createStep } from '../steps/factory.ts'
import { createRunState } from '../steps/run-state.ts'
import type { BuildContext, EngineServices } from './build-context.ts'
import { buildVars, varScopeOf } from './build-vars.ts'
import { BuildWriter } from './build-writer.ts'
import { Cleanup } from './cleanup.ts'
import { guesser } from './guess.ts'
import { LeafPorts } from './leaf/leaf-ports.ts'
import { ExpectedDurations } from './expected-durations.ts'
import { removeLeftovers } from './leftovers.ts'
import type { ClaimedBuild, ContainerRow } from '../model/build.ts'
import type { BuildStore } from './ports.ts'
import { readMadePlans } from './made-plans.ts'
import { PrepareAhead } from './prepare-ahead.ts'
import { withOverrides } from '../lib/with-overrides.ts'
import { Redactor } from '../lib/redactor.ts'
import { refusedImages } from './image/artifact-image-uses.ts'
import type { Capacity } from './capacity.ts'
import { LearntSecrets } from './learnt-secrets.ts'
import { decodeStoredBuild } from './stored-build.ts'

const neverRun: readonly [ReadonlyMap<string, JsonObject>, readonly ContainerRow[]] = [new Map(), []]

export interface BuildRun {
  readonly status: FinalStatus
  /** Resolves when the build's containers are gone; never rejects. */
  readonly cleaned: Promise<void>
}

export interface BuildSignals {
  readonly abort: AbortSignal
  /** Aborts when the build is left to another server: nothing more is begun here. */
  readonly leave: AbortSignal
  /** Called before the commit that ends the build, which ends its lease too. */
  readonly onEnding: () => void
}

/** A build that was claimed by `owner`. */
export interface BuildToRun {
  readonly services: EngineServices
  readonly store: BuildStore
  readonly capacity: Capacity
  readonly owner: string
  readonly row: ClaimedBuild
  readonly signals: BuildSignals
}

/**
 * Runs a claimed build to its end, from its beginning or from where another server left it. Throws LeaseLost when another server has
 * claimed it. Errors that it throws are redacted.
 */
export async function runBuild(claimed: BuildToRun): Promise<BuildRun> {
  const { services } = claimed
  const redactor = new Redactor()
  const release = services.secrets.hold(redactor)
  try {
    return await run({ ...claimed, redactor })
  } catch (error) {
    throw redactError(redactor, error)
  } finally {
    release()
  }
}

interface Run extends BuildToRun {
  readonly redactor: Redactor
}

async function run({ services, store, capacity, owner, row, signals, redactor }: Run): Promise<BuildRun> {
  const { clock, log } = services
  const decoded = decodeStoredBuild(row.context)
  if (decoded.ok) redactor.add(decoded.value.secrets ?? [])
  const writer = new BuildWriter({ store, buildId: row.id, owner, now: () => clock.now(), redactor })
  const now = () => Math.floor(clock.now() / 1000)
  writer.emit({ type: 'status', data: { status: 'started', time: now() } }, 'status:started')

  const cleanup = new Cleanup(log, clock)
  // Of a build that never asked for a container nothing can be left: most checks are such, and listing all containers for each would cost more than they do.
  let used = row.resumed
  const runtime = withOverrides(services.runtime, {
    prepare(spec, options) {
      used = true
      return services.runtime.prepare(spec, options)
    },
  })
  const ended = async (status: FinalStatus): Promise<BuildRun> => {
    signals.onEnding()
    await end(writer, now(), status)
    return { status, cleaned: used ? cleaned({ services, store, row }, cleanup, status) : cleanup.settled() }
  }
  if (!decoded.ok) return ended(errored(writer, now(), `what is stored of the build cannot be read: ${decoded.error}; create the build again`))
  const stored = decoded.value

  const [steps, containers] = row.resumed || row.reuses === true ? await Promise.all([store.steps(row.id), store.containers(row.id)]) : neverRun
  const made = readMadePlans(stored.plan, steps)
  if (!made.ok) return ended(errored(writer, now(), made.error))
  redactor.add(made.value.secrets)
  const learnt = new LearntSecrets(redactor)
  learnt.restore(steps)
  // A build that has begun is not refused any more: its steps may have containers.
  if (!row.resumed || steps.size === 0) {
    const told = (line: string) => writer.emit({ type: 'log', data: { time: now(), origin: { id: '', source: 'stderr' }, payload: `${line}\n` } }, `waits:${line}`)
    try {
      const refused = await refusedImages(services, stored.plan, AbortSignal.any([signals.abort, signals.leave]), told)
      if (refused !== undefined) return await ended(errored(writer, now(), refused))
    } catch (error) {
      if (!signals.abort.aborted || signals.leave.aborted) throw error
      return ended('aborted')
    }
  }
  const context: BuildContext = {
    services: { ...services, runtime },
    build: {
      id: row.id,
      name: row.name,
      scope: row.scope,
      team: row.team,
      externalUrl: services.options.externalUrl,
      ...(row.pipeline !== undefined && { pipeline: row.pipeline }),
      ...(row.job !== undefined && { job: row.job }),
      ...(row.createdBy !== undefined && { createdBy: row.createdBy }),
      ...(row.instanceVars !== undefined && { instanceVars: { values: row.instanceVars, query: instanceQuery(row.instanceVars) } }),
    },
    times: { createdAt: row.createdAt, startedAt: row.startedAt ?? row.createdAt },
    plan: stored.plan,
    vars: buildVars(stored, services.credentials.varsOf(varScopeOf(row), stored.varSources)),
    writer,
    redactor,
    learnt,
    cleanup,
    capacity,
    left: () => signals.leave.aborted || writer.failed,
    leaving: signals.leave,
    steps,
    made: made.value.made,
    containers: new Map(containers.filter(({ guess, state }) => !guess && state !== 'removed').map((container) => [container.planId, container])),
  }
  const state = createRunState()
  for (const [name, artifact] of Object.entries(stored.artifacts ?? {})) state.registerArtifact(name, artifact)
  const durations = new ExpectedDurations(context)
  const ahead = new PrepareAhead(context, guesser(context, state), durations)
  const step = createStep(stored.plan, new LeafPorts(context, ahead, durations))
  signals.leave.addEventListener('abort', () => ahead.abandon(), { once: true })
  const withdraw = capacity.offer(() => ahead.releaseUnclaimed())
  try {
    const outcome = await step.run(state, signals.abort)
    ahead.stop()
    return await ended(outcome.kind)
  } catch (error) {
    // After a failed write the build is resumed from what is durable, and needs its containers.
    ahead.abandon()
    if (writer.failed) throw error
    log.error({ err: error, component: 'engine' }, 'build ended by an internal error')
    return ended(errored(writer, now(), `internal error: ${messageOf(error)}`))
  } finally {
    withdraw()
  }
}

async function end(writer: BuildWriter, time: number, status: FinalStatus): Promise<void> {
  await writer.write({
    events: [finalStatus(status, time)],
    finish: { status },
  })
}

function errored(writer: BuildWriter, time: number, message: string): 'errored' {
  writer.emit({ type: 'error', data: { message, origin: { id: '' }, time } }, 'error')
  return 'errored'
}

/** Waits for the build's own removals, then removes containers that earlier runs of the build left. */
async function cleaned({ services, store, row }: Pick<Run, 'services' | 'store' | 'row'>, cleanup: Cleanup, status: FinalStatus): Promise<void> {
  const { runtime, checkContainers } = services
  const shared = (handle: string): boolean => checkContainers?.holds(handle) ?? false
  await cleanup.settled()
  cleanup.add(`what build ${row.id} left behind`, () => removeLeftovers({ runtime, store, shared }, row.id, status))
  await cleanup.settled()
  services.onCleaned?.()
}
