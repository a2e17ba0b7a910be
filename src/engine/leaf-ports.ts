import type { JsonObject } from '../model/json.ts'
import type { CheckPlan, Plan } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Version } from '../model/version.ts'
import { stepNameOf } from '../planner/step-name.ts'
import type { PortsFactory } from '../steps/factory.ts'
import { knownByContent } from '../steps/image-identity.ts'
import type { CheckPorts, FinishedStep, GetPorts, ImageFailure, ResourceCacheKey, TaskPorts } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'
import { begunBefore } from './begun.ts'
import { checkKey } from './check-key.ts'
import type { ExpectedDurations } from './expected-durations.ts'
import { digestOf } from './content-digest.ts'
import type { ContainerEnd, FinishedContainer } from './carry-out.ts'
import { ContainerRunner } from './container-runner.ts'
import { nativelyFetched } from './image/native-type.ts'
import { Downloads } from './downloads.ts'
import { Images } from './image/step-images.ts'
import { resolveVars } from './interpolate.ts'
import type { CheckOptions } from './ports.ts'
import type { PrepareAhead } from './prepare-ahead.ts'
import { relearnSecrets } from './relearn.ts'
import { recording } from './record-preparation.ts'
import { finishedRecord, readRecord, timingRecord } from './step-record.ts'
import { StepReporter } from './step-reporter.ts'
import { resolveTaskConfig } from './task-config.ts'
import { versionScope } from './version-scope.ts'

/** What every leaf step of a build may ask for, bound to its plan id. */
export class LeafPorts implements PortsFactory {
  private readonly context: BuildContext
  private readonly runner: ContainerRunner
  private readonly images: Images
  private readonly downloads: Downloads
  private readonly ahead: PrepareAhead
  private readonly durations: ExpectedDurations
  readonly begun
  readonly clock

  constructor(context: BuildContext, ahead: PrepareAhead, durations: ExpectedDurations) {
    this.context = context
    this.ahead = ahead
    this.durations = durations
    this.clock = context.services.clock
    this.begun = begunBefore(context.steps.keys(), context.made.of)
    this.runner = new ContainerRunner(context, ahead)
    this.images = new Images(context, this)
    this.downloads = new Downloads(this)
  }

  ports(plan: Plan, attempt: string | undefined): TaskPorts & GetPorts & CheckPorts {
    const { context } = this
    const { services, writer } = context
    const planId = plan.id
    const key = (name: string) => `${planId}:${name}`
    const time = () => Math.floor(services.clock.now() / 1000)
    const record = readRecord(context.steps.get(planId))
    const reporter = new StepReporter(recording(context), record?.phase === 'assigned' ? record.report : undefined)
    let container: FinishedContainer | undefined
    let begun: number | undefined

    // A note's key is its text and how often it came, so that a step run over after a restart says nothing twice.
    const notes = new Map<string, number>()
    const note = (line: string) => {
      const payload = context.redactor.redact(line.endsWith('\n') ? line : `${line}\n`)
      const count = (notes.get(payload) ?? 0) + 1
      notes.set(payload, count)
      writer.emit({ type: 'log', data: { time: time(), origin: { id: planId, source: 'stderr' }, payload } }, key(`note:${count}:${digestOf(payload)}`))
    }

    return {
      planId,
      build: context.build,
      time,
      note,
      emit: (event, name) => writer.emit(event, key(name)),
      recall: async (state) => {
        if (record === undefined) {
          reporter.turn()
          return undefined
        }
        await relearnSecrets(context, plan, state)
        return record.phase === 'finished' ? record.finished : undefined
      },
      interpolate: (value, state) => resolveVars(context, state, value),
      forContainer: (source) => (isOfImage(plan) ? services.images.forContainer(source) : source),
      taskConfig: async (task, state) => {
        const resolved = await resolveTaskConfig(context, task, state)
        if (!resolved.ok) return resolved
        for (const warning of resolved.value.warnings) note(`[WARNING] ${warning}`)
        return ok(resolved.value.config)
      },
      fetchImage: async (request, state, signal) => {
        // What was decided before a restart stands: its container exists.
        if (record?.phase === 'assigned') return ok(record.image)
        const image = await reporter.resolving(() => this.images.fetch(planId, request, state, signal, note))
        if (!image.ok) return image
        reporter.resolved(image.value)
        return image
      },
      findImage: async (get, source, version, signal) => {
        const image = await reporter.resolving(() => this.images.find(get, source, version, signal, note))
        if (image?.ok !== true) return image
        reporter.resolved(image.value)
        return image
      },
      download: (names, state, signal) => this.downloads.fetch(names, state, signal),
      run: (request, signal) => {
        // One that goes on after a restart began nobody knows when.
        if (record === undefined) begun = services.clock.now()
        const key = plan.kind === 'check' && request.checkSource !== undefined ? checkKey(context, plan.check, request.checkSource, request.image) : undefined
        return this.runner.run({ planId, note, report: reporter, checkKey: key, ...(attempt !== undefined && { attempt }) }, request, signal, (finished) => {
          container = finished
        })
      },
      conclude: async (finished: FinishedStep, events) => {
        if (begun !== undefined && finished.outcome.kind === 'succeeded') await this.durations.took(plan, services.clock.now() - begun)
        const keep = finished.outcome.kind !== 'succeeded' && container?.there === true ? services.options.keep : undefined
        if (keep !== undefined && container !== undefined) note(keep.advice({ handle: container.handle, stepName: container.stepName, buildId: context.build.id }))
        // Whatever follows from it, on any server, is committed behind it: nobody waits here, but for the container's removal.
        const durable = writer.write({
          events: events.map(({ event, key: name }) => ({ event, key: key(name) })),
          steps: [{ planId, record: finishedRecord(finished, reporter.over()) }],
          ...(container && { containers: [container.row(keep !== undefined)] }),
        })
        const done = container
        // Only where it has gone well the next check is done in the same container.
        const share = plan.kind === 'check' && finished.outcome.kind === 'succeeded'
        const end: ContainerEnd = keep !== undefined ? { kind: 'keep', seconds: keep.seconds } : { kind: share ? 'share' : 'remove' }
        const released = durable.then(
          () => done?.release(end),
          () => undefined, // the next write says why; its container is left to whoever goes on
        )
        this.ahead.forget(planId)
        // But for a check: the next one may want its container.
        if (share && done !== undefined) await released
      },

      taskCache: async (path) =>
        context.build.scope.jobId === undefined ? undefined : services.taskCaches.get(context.build.scope.jobId, stepNameOf(plan), path),
      saveTaskCache: async (path, artifact) => {
        const { jobId } = context.build.scope
        if (jobId === undefined) return
        await services.taskCaches.put(jobId, stepNameOf(plan), path, artifact, services.clock.now())
      },
      cachedResource: async (cacheKey) => {
        // Whose container was at work before a restart goes on with it: what the cache has may be its own result.
        if (record?.phase === 'assigned' || !isFixed(cacheKey)) return undefined
        return services.resourceCaches.get(resourceKey(context, cacheKey), services.clock.now())
      },
      saveResource: async (cacheKey, value) => {
        if (isFixed(cacheKey)) await services.resourceCaches.put(resourceKey(context, cacheKey), value, services.clock.now())
      },
      saveVersions: (source, versions) => services.versions.save(this.scope(plan, source), versions, services.clock.now()),
      latestVersion: (source) => services.versions.latest(this.scope(plan, source)),
      checkInProcess: (check, source, from, signal) => this.checkInProcess(check, source, { from, image: check.resource === undefined, onWait: note }, signal),
    }
  }

  async made(plan: Plan, make: () => Promise<Result<readonly Plan[], string>>): Promise<Result<readonly Plan[], string>> {
    const recorded = this.context.made.recorded(plan.id)
    if (recorded !== undefined) return ok(recorded)
    const planned = await make()
    if (!planned.ok) return planned
    const added = this.context.made.add(plan.id, planned.value)
    if (!added.ok) return added
    // In or before the first commit of a child; a failure shows there.
    this.context.writer.write({ steps: [{ planId: plan.id, record: added.value.record }] }).catch(() => undefined)
    return ok(added.value.plans)
  }

  startedAt(plan: Plan): number {
    const record = readRecord(this.context.steps.get(plan.id))
    if (record?.phase === 'timing') return record.startedAt
    const now = this.clock.now()
    // Goes along with the first commit of a step in it; a failure shows there.
    this.context.writer.write({ steps: [{ planId: plan.id, record: timingRecord(now) }] }).catch(() => undefined)
    return now
  }

  private async checkInProcess(
    check: CheckPlan,
    source: JsonObject,
    options: CheckOptions,
    signal: AbortSignal,
  ): Promise<Result<readonly Version[], ImageFailure> | undefined> {
    const { services } = this.context
    const native = services.options.nativeImageFetch && services.runtime.capabilities.nativeImageFetch
    if (!native || !nativelyFetched(check)) return undefined
    const versions = await services.images.check(source, options, signal)
    if (signal.aborted) return fail({ kind: 'aborted' })
    return versions.ok ? versions : fail({ kind: 'failed', message: versions.error })
  }

  private scope(plan: Plan, source: JsonObject): string {
    if (plan.kind !== 'check') throw new Error(`${plan.kind} ${plan.id} has no versions of its own`)
    return versionScope(this.context, plan.check, source)
  }
}

/** A resource cache is never shared between teams: who may read it is decided by who could have fetched it. */
function resourceKey(context: BuildContext, key: ResourceCacheKey): string {
  return digestOf([context.build.scope.teamId, key.type, key.image, key.source, key.version, key.params])
}

/** Another image under the same tag may fetch something else. */
const isFixed = ({ image }: ResourceCacheKey): boolean => knownByContent(image)

/** Whether this step's container checks, fetches or pushes a registry image itself. */
function isOfImage(plan: Plan): boolean {
  const body = plan.kind === 'get' ? plan.get : plan.kind === 'check' ? plan.check : plan.kind === 'put' ? plan.put : undefined
  return body !== undefined && nativelyFetched(body)
}
