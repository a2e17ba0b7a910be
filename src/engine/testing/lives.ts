import { fakeClock } from '../../lib/clock.ts'
import { Engine } from '../engine.ts'
import type { PipelineFromStep } from '../../model/set-pipeline.ts'
import type { EventWrite } from '../../model/build.ts'
import { joinedEventLines, stepNames } from './event-lines.ts'
import { contextOf, fakeServices, filesOf, planOf, type FakeServices } from './kit.ts'
import { MemoryStore, memoryScope } from './memory-store.ts'
import { Life, mortalRuntime, mortalStore } from './mortal.ts'

export const types = 'resource_types: [{name: custom, type: registry-image, source: {repository: acme/custom}}]'
export const resources = `resources:
- {name: repo, type: custom, source: {stderr: "cloning\\nwith ((secret))", split: 3}}
- {name: release, type: custom, source: {stderr: pushing}}`

const childYaml = '{jobs: [{name: c, plan: [{task: t, config: {platform: linux, image_resource: {type: registry-image, source: {repository: busybox}}, run: {path: ((path))}}}]}]}'

const files = filesOf((path) => {
  const text = { dir: 'repo\n', 'token.json': '{"secret": "k9-loaded-token"}', tag: 'v7', 'list.yml': '[k8-listed-one, k8-listed-two]', 'broken.json': '{', 'child.yml': childYaml }[path]
  return Promise.resolve(text === undefined ? undefined : Buffer.from(text))
})

const vars = ['secret=hunter2-hunter2']

export interface World {
  readonly store: MemoryStore
  readonly services: FakeServices
  readonly buildId: number
  readonly names: ReadonlyMap<string, string>
}

export function worldOf(text: string, prepareAhead = 1): World {
  const planned = planOf(text)
  const store = new MemoryStore()
  return { store, services: fakeServices({ prepareAhead }, { clock: fakeClock(), artifacts: files }), buildId: store.insertStarted({ kind: 'job', scope: memoryScope }, contextOf(planned, vars)), names: stepNames(planned.plan) }
}

/** One server's life; it ends with the build or with its death. */
export async function live({ store, services, buildId }: World, life: Life): Promise<void> {
  const pipelines = { set: (pipeline: PipelineFromStep) => life.during('before a pipeline is set', () => services.pipelines.set(pipeline), 'after a pipeline is set') }
  const engine = new Engine({ ...services, pipelines, runtime: mortalRuntime(services.runtime, life) }, mortalStore(store, life), 'server')
  const claimed = await engine.claim(buildId)
  if (claimed === undefined) throw new Error('nothing to claim')
  await Promise.race([claimed.end.then(() => engine.stop()), life.ended])
}

export function freeLease({ store, buildId }: World): void {
  store.row(buildId).leaseUntil = 0
}

/** What must be the same however often the server died. */
export function outcome({ store, services, buildId, names }: World, perStep: boolean) {
  const row = store.row(buildId)
  return {
    status: row.status,
    events: perStep ? byStep(row.events).flatMap((events) => joinedEventLines(events, names)) : joinedEventLines(row.events, names),
    started: services.runtime.started.map(({ spec }) => `${spec.type} ${spec.metadata.planId}`).toSorted(),
    left: [...services.runtime.containers.keys()],
  }
}

/** Branches run side by side: each step's own events have an order, theirs among each other none. */
function byStep(events: readonly EventWrite[]): EventWrite[][] {
  const steps = new Map<string, EventWrite[]>()
  for (const event of events) {
    const id = (JSON.parse(event.payload) as { origin?: { id: string } }).origin?.id ?? ''
    steps.set(id, [...(steps.get(id) ?? []), event])
  }
  return [...steps].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => own)
}

export async function undisturbed(text: string, perStep: boolean) {
  const world = worldOf(text)
  const life = new Life()
  await live(world, life)
  return { expected: outcome(world, perStep), points: life.points }
}

/** A server that died after its build's end leaves containers to the sweep, which is not part of the engine. */
export async function removeAfterEnd({ services }: World): Promise<void> {
  for (const { handle } of await services.runtime.list()) await services.runtime.remove(handle)
}
