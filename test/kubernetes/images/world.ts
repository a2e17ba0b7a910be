import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { presentSteps } from '../../../src/api/present/steps.ts'
import { buildPorts } from '../../../src/app/build-ports.ts'
import { openApp, type App } from '../../../src/app/open-app.ts'
import { pushSupervisor } from '../../../src/cli/push/supervisor-image.ts'
import { createRun } from '../../../src/builds/create-run.ts'
import { recordedSteps } from '../../../src/builds/recorded-steps.ts'
import { parsePipeline } from '../../../src/config/parse-pipeline.ts'
import { Engine } from '../../../src/engine/engine.ts'
import type { ImageUse } from '../../../src/engine/ports.ts'
import { eventLine, stepNames } from '../../../src/engine/testing/event-lines.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { JsonObject } from '../../../src/model/json.ts'
import type { Plan } from '../../../src/model/plan.ts'
import { planJob } from '../../../src/planner/job-plan.ts'
import { encodePlan } from '../../../src/planner/plan-json.ts'
import { startCluster, type Cluster } from '../../cluster/cluster.ts'
import { startHookedFront, type HookedFront } from '../../services/hooked-front.ts'
import { busyboxImage } from '../../services/images.ts'
import type { Image } from '../../services/oci-image.ts'
import { pushImage, type Pushed } from '../../services/push-image.ts'
import type { RegistryAccess } from '../../services/registry-access.ts'
import { registryImageResource } from '../../services/registry-image-resource.ts'
import { until } from '../../services/wait.ts'
import { makeNamespace, type TestNamespace } from '../namespace.ts'
import { watchObjects, type ObjectWatch } from '../watch-objects.ts'

/** Images pulled by nodes, or fetched by pods; `node`: pulled, and looked up by nodes where the server cannot. */
export type Mode = 'native' | 'physical' | 'node'

export interface RanPod {
  readonly name: string
  readonly type: string
  readonly step: string
  readonly image: string
  readonly pullPolicy: string
  readonly pullSecrets: readonly string[]
  /** As run; '' where that never came to be known. */
  readonly imageId: string
  readonly node: string
}

export interface Ran {
  readonly status: string
  /** All logs, and the errors among them. */
  readonly text: string
  /** `type step details` of each event. */
  readonly lines: readonly string[]
  /** All pods that the run ever had; they are gone. */
  readonly pods: readonly RanPod[]
  /** What the image policy was asked. */
  readonly used: readonly ImageUse[]
  /** As the API shows them to members of the team. */
  readonly steps: ReturnType<typeof presentSteps>['steps']
}

export interface RunOptions {
  /** Another one than `main`: for jobs without inputs. */
  readonly team?: string
  /** Called while it runs, with all events so far, after each batch of them. */
  readonly onLines?: (lines: readonly string[]) => void
  readonly vars?: readonly string[]
}

export interface Place {
  readonly name: string
  /** `host/prefix/scope` of this place's repositories: to server, nodes and pods alike. */
  readonly at: string
  /** Pushes an image that nobody has yet. */
  push(name: string, image: Image, tag?: string): Promise<Pushed>
  /** What was asked of one of its repositories. */
  log(name: string): Promise<RegistryAccess[]>
  /** Runs the only job of a pipeline, from the check of its inputs to its last pod's end. */
  run(pipeline: string, options?: RunOptions): Promise<Ran>
  /** The same with a plan that somebody else has made. */
  runPlan(plan: Plan, options?: RunOptions): Promise<Ran>
}

export interface ImageWorld {
  readonly cluster: Cluster
  readonly namespace: TestNamespace
  readonly front: HookedFront
  readonly watches: Readonly<Record<'pods' | 'secrets' | 'events', ObjectWatch>>
  /** What the servers logged, as JSON lines. */
  readonly serverLog: readonly string[]
  app(mode: Mode): App
  /** Folder of everything that its server keeps. */
  data(mode: Mode): string
  /** Where one test has its images and runs; a second one of that name, after a failed try, shares nothing with the first. */
  place(name: string, mode: Mode): Place
  stop(): Promise<void>
}

/** An image of a small Linux that nobody has yet: `/word` says which. */
export const wordImage = (word: string): Promise<Image> => busyboxImage([{ path: 'word', content: `${word}\n` }, { path: 'unique', content: randomBytes(32).toString('hex') }])

/** Servers on one cluster; all pods, and all that a registry is asked, are seen. `before`: runs when the namespace is there, and no server yet. */
export async function imageWorld(modes: readonly Mode[], before?: (cluster: Cluster, namespace: string) => Promise<void>): Promise<ImageWorld> {
  const cluster = await startCluster()
  const namespace = await makeNamespace(cluster, 'privileged')
  await before?.(cluster, namespace.name)
  const prefix = `images-${randomBytes(4).toString('hex')}`
  const { registry } = cluster
  const front = await startHookedFront(registry.url, cluster.hostAddress)
  await cluster.trust(front.host, { kind: 'http' })
  const supervisorImage = await pushSupervisor(`${registry.host}/airside-supervisor`, () => undefined)
  await pushImage(registry, `${prefix}/registry-image-resource`, '1', await registryImageResource())
  const watches = {
    pods: watchObjects(cluster, namespace.name, 'pods'),
    secrets: watchObjects(cluster, namespace.name, 'secrets'),
    events: watchObjects(cluster, namespace.name, 'events'),
  }
  const serverLog: string[] = []
  const level = (name: string) => (fields: object, message: string) => void serverLog.push(JSON.stringify({ name, message, ...fields }))
  const log = { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') }
  const uses: ImageUse[] = []
  const imagePolicy = {
    check: (use: ImageUse) => {
      uses.push(use)
      return Promise.resolve({ kind: 'allow' as const })
    },
  }

  const open = async (mode: Mode) => {
    const data = await mkdtemp(join(tmpdir(), `airside-images-${mode}-`))
    const opened = await openApp({
      data, externalUrl: '', prepareAhead: 1, allowPrivileged: true, log, nativeImageFetch: mode !== 'physical', progress: (line) => void serverLog.push(line),
      baseTypes: new Map([['registry-image', `${registry.host}/${prefix}/registry-image-resource:1`]]),
      images: { check: mode === 'node' ? 'node' : 'server' },
      runtime: {
        kind: 'kubernetes', kubeconfig: namespace.kubeconfig, namespace: namespace.name, supervisorImage, transport: 'auto', delivery: 'auto',
        isolation: { mode: 'baseline' }, home: { host: cluster.hostAddress, port: 0 },
        imageRegistry: { kind: 'remote', registry: registry.host, repository: `${prefix}/airside-artifact` },
      },
    })
    if (!opened.ok) throw new Error(opened.error.message)
    const services = { ...opened.value.services, imagePolicy }
    const engine = new Engine(services, opened.value.stores.builds, `test-${mode}`)
    const app: App = { ...opened.value, services, engine }
    const close = async (): Promise<void> => {
      await engine.stop()
      await opened.value.close()
      await rm(data, { recursive: true, force: true })
    }
    return { app, data, close }
  }
  let places = 0
  const servers = new Map<Mode, Awaited<ReturnType<typeof open>>>()
  for (const mode of modes) servers.set(mode, await open(mode))
  const serverOf = (mode: Mode) => {
    const server = servers.get(mode)
    if (server === undefined) throw new Error(`there is no server of mode ${mode}`)
    return server
  }

  const podsOf = (pipeline: string) => watches.pods.objects().filter(({ last }) => last.metadata.labels?.['airside.dev/pipeline'] === pipeline)
  async function ended({ app }: { app: App }, pipeline: string, { plan, buildId }: { readonly plan: Plan; readonly buildId: number }, options: RunOptions): Promise<Ran> {
    const names = stepNames(plan)
    const claimed = await app.engine.claim(buildId)
    const lines: string[] = []
    let text = ''
    for await (const batch of app.stores.events.stream(buildId, { signal: new AbortController().signal })) {
      for (const event of batch) {
        lines.push(eventLine(event, names))
        const { payload = '', message = '' } = JSON.parse(event.payload) as { payload?: string; message?: string }
        text += payload + message
      }
      options.onLines?.(lines)
    }
    const end = await claimed?.end
    const waits = (handle = '') => app.services.checkContainers?.holds(handle) === true
    await until(`no pod of ${pipeline} is left, but those that wait for another check`, () =>
      Promise.resolve(podsOf(pipeline).every(({ gone, last }) => gone || waits(last.metadata.labels?.['airside.dev/container']))),
    )
    const pods = podsOf(pipeline).map(({ last: { metadata: { name, labels = {} }, spec, status } }) => {
      const step = spec?.containers.find((container) => container.name === 'step')
      const imageId = status?.containerStatuses?.find((container) => container.name === 'step')?.imageID ?? ''
      const about = { name, type: labels['airside.dev/type'] ?? '', step: labels['airside.dev/step'] ?? '' }
      return { ...about, image: step?.image ?? '', pullPolicy: step?.imagePullPolicy ?? '', pullSecrets: (spec?.imagePullSecrets ?? []).map((secret) => secret.name), imageId, node: spec?.nodeName ?? '' }
    })
    const recorded = await recordedSteps(app.stores.builds, buildId)
    const steps = recorded === undefined ? [] : presentSteps({ recorded, events: [], member: true, runtime: 'kubernetes', containers: new Map() }).steps
    return { status: end?.status ?? 'unclaimed', text, lines, pods, steps, used: uses.filter((use) => use.pipeline === pipeline) }
  }

  return {
    cluster, namespace, front, watches, serverLog,
    app: (mode) => serverOf(mode).app,
    data: (mode) => serverOf(mode).data,
    place(name, mode) {
      const server = serverOf(mode)
      const own = `${name}-${mode}-${(places += 1)}`
      const scope = `${prefix}/${own}`
      let runs = 0
      const next = () => `${own}-${(runs += 1)}`
      const stored = async (plan: Plan, pipeline: string, more: object, options: RunOptions): Promise<Ran> => {
        const context = { ...more, plan: encodePlan(plan) } as unknown as JsonObject
        const { scopes, builds } = server.app.stores
        const scope = await scopes.ensure({ team: options.team ?? 'main', pipeline, job: 'job' }, systemClock.now())
        const buildId = await builds.createStarted({ kind: 'job', scope }, context, systemClock.now())
        return ended(server, pipeline, { plan, buildId }, options)
      }
      return {
        name: own,
        at: `${front.host}/${scope}`,
        push: (repository, image, tag = 'latest') => pushImage({ url: registry.url, host: front.host }, `${scope}/${repository}`, tag, image),
        log: async (repository) => (await registry.accessLog()).filter((access) => access.repository === `${scope}/${repository}` && access.userAgent !== 'airside-test-push'),
        async run(text, options = {}) {
          const pipeline = next()
          const vars = { vars: options.vars ?? [] }
          const { config, findings } = parsePipeline(text, { file: pipeline })
          const [job] = config?.jobs ?? []
          if (config === undefined || job === undefined) throw new Error(JSON.stringify(findings))
          const observer = { notice: () => undefined, checking: () => Promise.resolve() }
          const wanted = { config, job, pipeline, stored: { vars }, localInputs: new Map(), inputVersions: new Map(), skipPuts: 'none' as const }
          if (options.team !== undefined) {
            const plan = planJob(config, job, { inputs: new Map(), manual: true })
            if (!plan.ok) throw new Error(JSON.stringify(plan.error))
            return stored(plan.value, pipeline, { vars }, options)
          }
          const created = await createRun(buildPorts(server.app), wanted, observer, new AbortController().signal)
          if (!created.ok) throw new Error(JSON.stringify(created.error))
          return ended(server, pipeline, created.value, options)
        },
        runPlan: (plan, options = {}) => stored(plan, next(), {}, options),
      }
    },
    async stop() {
      for (const { close } of servers.values()) await close()
      for (const watch of Object.values(watches)) watch.stop()
      await namespace.remove()
      await front.stop()
      await cluster.stop()
    },
  }
}
