import { enough, type Clock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import type { ContainerRow } from '../model/build.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ContainerInfo, Runtime } from '../runtime/contract.ts'
import type { InterceptGateway, Target } from './gateway.ts'

type BuildContainer = ContainerRow & { readonly buildId: number }

/** Records of containers in the database. db/ implements it. */
export interface ContainerRecords {
  find(handle: string): Promise<BuildContainer | undefined>
  /** Those in one of the states. */
  list(states: readonly ('assigned' | 'kept')[]): Promise<readonly BuildContainer[]>
  /** Somebody is in it at this time. */
  entered(handle: string, now: number): Promise<void>
  /** The runtime has confirmed that they are gone. */
  markRemoved(handles: readonly string[], now: number): Promise<void>
}

/** A runtime that may hold containers of builds, or a sentence that says why it cannot be asked. */
export type RuntimeAccess = Result<Pick<Runtime, 'list' | 'attach' | 'remove'>, string>

/** How often it is recorded that somebody is in a container. */
const enteredEveryMs = 60_000

export interface LocalGatewayOptions {
  readonly containers: ContainerRecords
  readonly instance: number
  /** The runtime that a build's containers are on. */
  readonly runtimeOf: (buildId: number) => Promise<RuntimeAccess>
  /** Running steps can be entered too, since this process runs them. */
  readonly running: boolean
  readonly clock: Clock
}

/** The gateway to containers of a database that this process has open. */
export function localGateway({ containers, instance, runtimeOf, running, clock }: LocalGatewayOptions): InterceptGateway {
  async function runtimeOfHandle(handle: string, states: readonly ('assigned' | 'kept')[]): Promise<RuntimeAccess> {
    const row = await containers.find(handle)
    if (row === undefined || row.guess || !states.some((state) => state === row.state)) return fail(`${handle} is no container of a step that runs or was kept`)
    return runtimeOf(row.buildId)
  }

  /** As long as somebody is in the container: a kept one is not removed meanwhile. A record that fails is made up for by the next one. */
  async function recordEntered(handle: string, ended: Promise<unknown>): Promise<void> {
    const over = new AbortController()
    void ended.finally(() => over.abort(enough))
    do {
      await containers.entered(handle, clock.now()).catch(() => undefined)
      await clock.sleep(enteredEveryMs, over.signal).catch(() => undefined)
    } while (!over.signal.aborted)
  }

  return {
    instance,
    async find() {
      const rows = (await containers.list(running ? ['assigned', 'kept'] : ['kept'])).filter(({ guess }) => !guess)
      const runtimes = new Map<RuntimeAccess, Result<Map<string, ContainerInfo>, string>>()
      const unseen = new Map<string, Set<number>>()
      const targets: Target[] = []
      const gone: string[] = []
      for (const { handle, buildId, state } of rows) {
        const runtime = await runtimeOf(buildId)
        const listed = runtimes.get(runtime) ?? (await list(runtime))
        runtimes.set(runtime, listed)
        if (!listed.ok) {
          unseen.set(listed.error, (unseen.get(listed.error) ?? new Set()).add(buildId))
          continue
        }
        const info = listed.value.get(handle)
        if (info !== undefined && info.state !== 'terminating') targets.push(target(info, buildId, instance, state === 'kept'))
        else if (state === 'kept') gone.push(handle)
      }
      if (gone.length > 0) await containers.markRemoved(gone, clock.now())
      const problems = [...unseen].map(([reason, builds]) => `containers of ${builds.size === 1 ? 'build' : 'builds'} ${[...builds].join(', ')} cannot be looked at: ${reason}`)
      return { targets, problems }
    },
    async enter(handle, process, options) {
      const runtime = await runtimeOfHandle(handle, running ? ['assigned', 'kept'] : ['kept'])
      if (!runtime.ok) return runtime
      const attached = await runtime.value.attach(handle, options.signal)
      if (!attached.ok) return fail(`container ${handle}: ${attached.error.message}`)
      const interception = attached.value.intercept(process, options)
      void recordEntered(handle, interception.result)
      return ok(interception)
    },
    async remove(handle) {
      const runtime = await runtimeOfHandle(handle, ['kept'])
      if (!runtime.ok) return runtime
      try {
        await runtime.value.remove(handle)
      } catch (error) {
        return fail(messageOf(error))
      }
      await containers.markRemoved([handle], clock.now())
      return ok(undefined)
    },
    close: () => Promise.resolve(),
  }
}

async function list(runtime: RuntimeAccess): Promise<Result<Map<string, ContainerInfo>, string>> {
  if (!runtime.ok) return runtime
  try {
    return ok(new Map((await runtime.value.list()).map((info) => [info.handle, info])))
  } catch (error) {
    return fail(messageOf(error))
  }
}

/** `buildId`: the build that the container works for; a check's container may have been made for another one. */
function target({ handle, metadata, type, state }: ContainerInfo, buildId: number, instance: number, kept: boolean): Target {
  const { pipeline, job, stepName, attempt } = metadata
  return {
    handle, instance, buildId, step: stepName, type,
    ...(pipeline !== undefined && { pipeline }),
    ...(job !== undefined && { job }),
    ...(attempt !== undefined && { attempt }),
    state: state === 'ended' ? 'ended' : kept ? 'kept' : 'running',
  }
}
