import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApp, type App } from '../src/app/open-app.ts'
import type { AppOptions, RuntimeOptions } from '../src/app/options.ts'
import { Engine } from '../src/engine/engine.ts'
import { silentLog } from '../src/lib/log.ts'
import type { JsonObject } from '../src/model/json.ts'
import type { Plan } from '../src/model/plan.ts'
import { encodePlan } from '../src/planner/plan-json.ts'
import { timedImages } from './timed-images.ts'
import { timed, type StepMarks } from './timed-runtime.ts'

/** A whole Airside: real stores, the real runtime. */
export interface BenchServer {
  /** Makes a pending build; gives its id. */
  create(plan: Plan): Promise<number>
  /** From the claim to the end of a pending build; throws unless it succeeds. */
  run(buildId: number): Promise<BuildRun>
  /** Resolves when no container is left. */
  quiet(): Promise<void>
  close(): Promise<void>
}

/** One in this process. */
export interface LocalServer extends BenchServer {
  readonly app: App
  /** When an image was first asked for, since this was last called: the beginning of a step's work, if one build runs alone. */
  takeImageAsked(): number
}

export type ServerOptions = Partial<Pick<AppOptions, 'prepareAhead' | 'nativeImageFetch' | 'baseTypes'>>

/** Times are performance.now of the server's process. */
export interface BuildRun {
  readonly buildId: number
  readonly claimed: number
  readonly ended: number
  readonly steps: readonly StepMarks[]
}

/** With at most so many pods that wait for steps. */
export const openWarmServer = ({ runtime }: { readonly runtime: RuntimeOptions }, warmSandboxes: number, changed: ServerOptions = {}): Promise<LocalServer> =>
  openServer({ runtime: runtime.kind === 'kubernetes' ? { ...runtime, warmSandboxes } : runtime }, changed)

export async function openServer({ runtime: options }: { readonly runtime: RuntimeOptions }, changed: ServerOptions = {}): Promise<LocalServer> {
  const data = await mkdtemp(join(tmpdir(), 'airside-bench-'))
  const opened = await openApp({
    data, runtime: options, externalUrl: '', baseTypes: new Map(), prepareAhead: 1, nativeImageFetch: true,
    log: silentLog, progress: () => undefined, ...changed,
  })
  if (!opened.ok) throw new Error(opened.error.message)
  const app = opened.value
  const { runtime, take, quiet } = timed(app.services.runtime)
  const { images, takeAsked } = timedImages(app.services.images)
  const engine = new Engine({ ...app.services, runtime, images }, app.stores.builds, 'bench')
  const server: LocalServer = {
    app,
    quiet,
    takeImageAsked: takeAsked,
    create: async (plan) => {
      const context = { plan: encodePlan(plan) } as unknown as JsonObject
      const now = app.services.clock.now()
      const scope = await app.stores.scopes.ensure({ team: 'main', pipeline: 'bench', job: 'bench' }, now)
      return app.stores.builds.createStarted({ kind: 'job', scope }, context, now)
    },
    async run(buildId) {
      const claimed = performance.now()
      const build = await engine.claim(buildId)
      const status = (await build?.end)?.status
      const ended = performance.now()
      if (status !== 'succeeded') throw new Error(`a bench's build ${status ?? 'was not claimed'}\n${await logOf(app, buildId)}`)
      return { buildId, claimed, ended, steps: take(buildId) }
    },
    async close() {
      openServers.delete(server)
      await engine.stop()
      // Of builds that were broken off.
      for (const { handle } of await runtime.list()) await runtime.remove(handle)
      await app.close()
      await rm(data, { recursive: true, force: true })
    },
  }
  openServers.add(server)
  return server
}

/** All that this process has opened and not closed. */
export const openServers = new Set<BenchServer>()

export async function closeServers(): Promise<void> {
  await Promise.all([...openServers].map((server) => server.close()))
}

async function logOf(app: App, buildId: number): Promise<string> {
  const events = await app.stores.events.read(buildId, -1, 200)
  return events.map(({ type, payload }) => `${type} ${payload}`).join('\n')
}
