import { createHash } from 'node:crypto'
import { stepsOfJob } from '../../config/walk-steps.ts'
import { parsePipeline } from '../../config/parse-pipeline.ts'
import { credentialsOf } from '../../credentials/testing/open.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { Secrets } from '../../lib/secrets.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import { emptyImageConfig } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Plan } from '../../model/plan.ts'
import { fail, ok } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { planJob } from '../../planner/job-plan.ts'
import { encodePlan } from '../../planner/plan-json.ts'
import { FakeRuntime } from '../../runtime/fake/runtime.ts'
import type { EngineServices } from '../build-context.ts'
import type { ArtifactFiles, BuildOutputs } from '../ports.ts'
import { fakePipelines } from './fake-pipelines.ts'
import { FakeImages, MemoryVersions, memoryCaches } from './fakes.ts'

/** The first job of a pipeline, planned; every get has the version `{ref: v1}`. */
export function planOf(text: string, file = 'pipeline.yml'): { plan: Plan; job: string } {
  const { config, findings } = parsePipeline(text, { file })
  const job = config?.jobs?.[0]
  if (config === undefined || job === undefined) throw new Error(`${file}: ${JSON.stringify(findings, null, 1)}`)
  const inputs = new Map<string, Version>([...stepsOfJob(job)].flatMap(({ step }) => (step.kind === 'get' ? [[step.get, { ref: 'v1' }]] : [])))
  const plan = planJob(config, job, { inputs, manual: true })
  if (!plan.ok) throw new Error(JSON.stringify(plan.error))
  return { plan: plan.value, job: job.name }
}

/** What a build of the plan is started with. `vars` are secret but for `name`. */
export const contextOf = ({ plan }: { plan: Plan }, vars: readonly string[] = []): JsonObject => ({ plan: encodePlan(plan), vars: { vars: [...vars] }, revealed: ['name'] })

export interface FakeServices extends EngineServices {
  /** Outputs that were kept, `BUILD/NAME` each. */
  readonly outputs: BuildOutputs & { readonly kept: Map<string, ArtifactRef> }
  readonly runtime: FakeRuntime
  readonly images: FakeImages
  readonly versions: MemoryVersions
}

export function fakeServices(options: Partial<EngineServices['options']> = {}, others: Partial<Omit<FakeServices, 'options'>> = {}): FakeServices {
  const caches = memoryCaches()
  const noFiles = filesOf(() => Promise.resolve(undefined))
  return {
    runtime: new FakeRuntime(),
    images: new FakeImages(),
    versions: new MemoryVersions(),
    pipelines: fakePipelines(others.clock ?? systemClock).setter,
    resourceCaches: caches.resources,
    taskCaches: caches.tasks,
    outputs: memoryOutputs(),
    artifacts: noFiles,
    artifactImages: { describe: () => Promise.resolve(ok({ config: emptyImageConfig, architectures: [] })) },
    credentials: credentialsOf({}),
    secrets: new Secrets(),
    clock: systemClock,
    log: silentLog,
    ...others,
    options: {
      installation: 'test', externalUrl: '', nativeImageFetch: true, timeInProcess: true,
    prepareAhead: 1,
      baseTypes: new Map([['git', 'concourse/git-resource'], ['mock', 'concourse/mock-resource'], ['registry-image', 'concourse/registry-image-resource']]),
      ...options,
    },
  }
}

function memoryOutputs(): FakeServices['outputs'] {
  const kept = new Map<string, ArtifactRef>()
  return { kept, put: (buildId, name, artifact) => Promise.resolve(void kept.set(`${buildId}/${name}`, artifact)) }
}

/** Artifacts that are read so; one that is written is only named. */
export const artifactsOf = (readFile: ArtifactFiles['readFile']): ArtifactFiles => ({
  readFile,
  writeFiles: (files) => {
    const text = JSON.stringify([...files])
    return Promise.resolve(ok({ digest: `sha256:${createHash('sha256').update(text).digest('hex')}` as const, size: text.length }))
  },
})

/** Artifacts that all have these files. */
export const filesOf = (read: (path: string) => Promise<Uint8Array | undefined>): ArtifactFiles =>
  artifactsOf(async (_digest, path) => {
    const bytes = await read(path)
    return bytes === undefined ? fail({ kind: 'not-found' as const }) : ok(bytes)
  })

/** A task on a registry image, as one line of YAML. */
export const taskYaml = (name: string, params: Readonly<Record<string, string>> = {}, image = 'busybox'): string =>
  `{task: ${name}, params: ${JSON.stringify(params)}, config: {platform: linux, image_resource: {type: registry-image, source: {repository: ${image}}}, run: {path: make}}}`
