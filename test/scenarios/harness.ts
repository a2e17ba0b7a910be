import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parsePipeline } from '../../src/config/parse-pipeline.ts'
import type { EngineServices } from '../../src/engine/build-context.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { EventWrite } from '../../src/engine/ports.ts'
import { FakeImages, MemoryVersions, memoryCaches } from '../../src/engine/testing/fakes.ts'
import { MemoryStore } from '../../src/engine/testing/memory-store.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import type { StepConfig } from '../../src/model/config.ts'
import type { Plan } from '../../src/model/plan.ts'
import { fail, ok } from '../../src/model/result.ts'
import type { Version } from '../../src/model/version.ts'
import { childPlans } from '../../src/planner/image-plans.ts'
import { planJob } from '../../src/planner/job-plan.ts'
import { encodePlan } from '../../src/planner/plan-json.ts'
import { FakeRuntime } from '../../src/runtime/fake/runtime.ts'

const folder = import.meta.dirname

export interface Scenario {
  readonly store: MemoryStore
  readonly runtime: FakeRuntime
  readonly images: FakeImages
  readonly services: EngineServices
  readonly buildId: number
  readonly names: ReadonlyMap<string, string>
}

/** Reads a scenario's pipeline and plans its first job; every get has the version `{ref: v1}`. */
export async function prepareScenario(file: string, options: Partial<EngineServices['options']> = {}): Promise<Scenario> {
  const text = await readFile(join(folder, file), 'utf8')
  const { config, findings } = parsePipeline(text, { file })
  const job = config?.jobs?.[0]
  if (config === undefined || job === undefined) throw new Error(`${file}: ${JSON.stringify(findings, null, 1)}`)
  const inputs = new Map<string, Version>(getNames([...job.plan, ...hooksOf(job)]).map((name) => [name, { ref: 'v1' }]))
  const plan = planJob(config, job, { inputs, manual: true })
  if (!plan.ok) throw new Error(JSON.stringify(plan.error))

  const store = new MemoryStore()
  const runtime = new FakeRuntime({ nativeImageFetch: !text.includes('#! no native images') })
  const images = new FakeImages()
  const caches = memoryCaches()
  const services: EngineServices = {
    runtime,
    images,
    versions: new MemoryVersions(),
    resourceCaches: caches.resources,
    taskCaches: caches.tasks,
    artifacts: {
      readFile: async (_digest, path) =>
        readFile(join(folder, 'files', path)).then(
          (bytes) => ok(new Uint8Array(bytes)),
          () => fail({ kind: 'not-found' as const }),
        ),
    },
    clock: systemClock,
    log: silentLog,
    options: {
      installation: 'test', externalUrl: '', nativeImageFetch: true, prepareAhead: 1, keepFailed: false,
      baseTypes: new Map([['git', 'concourse/git-resource'], ['mock', 'concourse/mock-resource'], ['registry-image', 'concourse/registry-image-resource']]),
      ...options,
    },
  }
  const vars = { vars: ['secret=hunter2-hunter2', 'name=world'] }
  const buildId = store.create({ team: 'main', pipeline: 'p', job: job.name, context: { plan: encodePlan(plan.value), vars, revealed: ['name'] } })
  return { store, runtime, images, services, buildId, names: stepNames(plan.value) }
}

/** Runs it; `abort when: EVENT STEP` in the file aborts the build as soon as that event is there. */
export async function runScenario(scenario: Scenario, text = ''): Promise<void> {
  const { store, services, buildId, names } = scenario
  const when = /^#! abort when: (.*)$/m.exec(text)?.[1]
  const commit = store.commit.bind(store)
  store.commit = async (...args) => {
    const result = await commit(...args)
    const seen = (args[3].events ?? []).some((event) => describeEvent(event, names).startsWith(when ?? '\0'))
    if (seen) store.requestAbort(buildId)
    return result
  }
  const engine = new Engine(services, store, 'test')
  const claimed = await engine.claim(buildId)
  if (claimed === undefined) throw new Error('there is no build to claim')
  await claimed.end
  await engine.stop()
}

export function eventLines({ store, buildId, names }: Scenario): string[] {
  return store.row(buildId).events.map((event) => describeEvent(event, names))
}

/** `type step details`, without times and ids. */
function describeEvent(event: EventWrite, names: ReadonlyMap<string, string>): string {
  const { time: _time, origin, plan, ...data } = JSON.parse(event.payload) as Record<string, unknown> & { origin?: { id: string; source?: string } }
  const name = origin === undefined ? '' : (names.get(origin.id) ?? origin.id)
  const source = origin?.source === undefined ? '' : ` ${origin.source}`
  const details = Object.keys(data).length === 0 ? '' : ` ${JSON.stringify(data)}`
  return `${event.type} ${name}${source}${plan === undefined ? '' : ' (plan)'}${details}`.trim()
}

function stepNames(plan: Plan): Map<string, string> {
  const names = new Map<string, string>()
  const visit = (node: Plan, attempt: string) => {
    const own = node.kind === 'get' ? `get:${node.get.name}` : node.kind === 'put' ? `put:${node.put.name}` : node.kind === 'task' ? node.task.name : node.kind
    const name = `${own}${attempt}`
    names.set(node.id, name)
    for (const image of ['image-check', 'image-get', 'image-check/image-check', 'image-get/image-check']) names.set(`${node.id}/${image}`, `${name}/${image}`)
    for (const [index, child] of childPlans(node).entries()) if (!child.id.includes('/')) visit(child, node.kind === 'retry' ? `#${index + 1}` : attempt)
  }
  visit(plan, '')
  return names
}

function hooksOf(step: Partial<StepConfig>): StepConfig[] {
  return [step.ensure, step.on_abort, step.on_error, step.on_failure, step.on_success].filter((hook) => hook !== undefined)
}

function getNames(steps: readonly StepConfig[]): string[] {
  return steps.flatMap((step) => {
    const inner = step.kind === 'do' ? step.do : step.kind === 'in_parallel' ? step.in_parallel.steps : step.kind === 'try' ? [step.try] : []
    return [...(step.kind === 'get' ? [step.get] : []), ...getNames([...inner, ...hooksOf(step)])]
  })
}
