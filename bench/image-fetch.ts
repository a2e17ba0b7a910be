import { request } from 'undici'
import type { ImageRegistry, RuntimeOptions } from '../src/app/options.ts'
import { artifactRepository } from '../src/images/artifact/destination.ts'
import { artifactImageName } from '../src/runtime/docker/image-loader.ts'
import { pushImage } from '../test/services/push-image.ts'
import { registryImageResource, registryImageUserAgent } from '../test/services/registry-image-resource.ts'
import type { Place, PlaceRegistry } from './place.ts'
import type { Finding } from './report.ts'
import { resolutions } from './resolutions.ts'
import { openServer, type LocalServer } from './server.ts'
import { sizedImage } from './sized-image.ts'
import { medianOf } from './statistics.ts'
import { planOf } from './tasks.ts'
import type { StepMarks } from './timed-runtime.ts'
import { wireOf } from './wire.ts'

/** (images) From a step's first question about its image to its process's first output: fetched natively, and by a check and a get as containers. */
export async function* imageFetch(place: Place, runs: number, progress: (line: string) => void, sizes: readonly number[]): AsyncIterable<Finding> {
  const registry = await place.openRegistry()
  const resource = 'registry-image-resource'
  await pushImage({ host: registry.host, url: `http://${registry.host}` }, resource, '1', await registryImageResource())
  const native = await openServer(place)
  const physical = await openServer(
    { runtime: withArtifactRegistry(place.runtime, registry) },
    { nativeImageFetch: false, baseTypes: new Map([['registry-image', `${registry.host}/${resource}:1`]]) },
  )
  try {
    const ways = {
      native: { server: native, from: registry.host, forget: (name: string) => place.forgetImage(`${registry.host}/${name}`) },
      physical: { server: physical, from: registry.inside, forget: () => forgetArtifacts(place, registry, physical) },
    }
    // Warms what stays warm, and the resource's image among it.
    await measureSize({ place, registry, ways, megabytes: 1, runs: 1, progress: () => undefined })
    for (const megabytes of sizes) yield* await measureSize({ place, registry, ways, megabytes, runs: runsOf(megabytes, runs), progress })
    yield await resolutions(registry, nameOf(1), runs, progress)
  } finally {
    await native.close()
    await physical.close()
  }
}

/** Large images are fetched fewer times. */
export const runsOf = (megabytes: number, runs: number): number => Math.ceil(runs * (megabytes <= 20 ? 0.5 : megabytes <= 200 ? 0.25 : 0.15))

const nameOf = (megabytes: number): string => `image-${megabytes}`

/** Images that get steps fetch must stand where nodes pull from; an engine on this machine takes them as they are. */
function withArtifactRegistry(runtime: RuntimeOptions, registry: PlaceRegistry): RuntimeOptions {
  if (runtime.kind !== 'kubernetes') return runtime
  const imageRegistry: ImageRegistry = { kind: 'remote', registry: registry.host, repository: artifactRepository }
  return { ...runtime, imageRegistry }
}

interface Way {
  readonly server: LocalServer
  /** By which name of the registry its steps ask for images. */
  readonly from: string
  /** Takes off the node what steps in images of that name have brought there. */
  readonly forget: (name: string) => Promise<void>
}

interface Sized {
  readonly place: Place
  readonly registry: PlaceRegistry
  readonly ways: { readonly native: Way; readonly physical: Way }
  readonly megabytes: number
  readonly runs: number
  readonly progress: (line: string) => void
}

async function measureSize({ registry, ways, megabytes, runs, progress }: Sized): Promise<Finding[]> {
  const image = await sizedImage(registry.host, nameOf(megabytes), megabytes)
  const [absent, present] = [newSeries(), newSeries()]
  try {
    for (let run = 0; run < runs; run += 1) {
      await image.next()
      for (const way of ['native', 'physical'] as const) {
        for (const series of [absent, present]) series[way].push(await measure(ways[way], registry, megabytes))
        await ways[way].forget(nameOf(megabytes))
      }
      const said = (series: Series) => `native ${last(series.native)}, physical ${last(series.physical)}`
      progress(`(images) ${megabytes} MB, ${run + 1} of ${runs}: not on the node: ${said(absent)}; there: ${said(present)}`)
    }
  } finally {
    await image.close()
  }
  let artifact = 0
  for await (const { size } of ways.physical.server.app.stores.artifacts.list()) artifact = Math.max(artifact, size)
  return [
    finding(`a ${megabytes} MB image that is not on the node`, absent, { image_mb: megabytes, cached: false, artifact_mb: artifact / 1e6 }),
    finding(`a ${megabytes} MB image that is on the node`, present, { image_mb: megabytes, cached: true }),
  ]
}

interface Fetched {
  readonly ms: number
  /** Where the time went, in order. */
  readonly parts: Readonly<Record<string, number>>
  /** MB by who received them. */
  readonly wire: Readonly<Record<'server' | 'containers' | 'pushed' | 'node', number>>
}

interface Series {
  readonly native: Fetched[]
  readonly physical: Fetched[]
}

const newSeries = (): Series => ({ native: [], physical: [] })
const last = (fetched: readonly Fetched[]): string => `${fetched.at(-1)?.ms.toFixed(0)} ms`

/** One build of one task. */
async function measure({ server, from }: Way, registry: PlaceRegistry, megabytes: number): Promise<Fetched> {
  const plan = planOf([{ name: task, repository: `${from}/${nameOf(megabytes)}`, script: 'echo hello' }])
  const requests = await registry.watch()
  server.takeImageAsked()
  const { steps } = await server.run(await server.create(plan))
  const asked = server.takeImageAsked()
  await server.quiet()
  const { uploads, ...bytes } = wireOf(await requests(), registryImageUserAgent)
  let pushed = 0
  for (const { repository, digest } of uploads) pushed += await sizeOf(`http://${registry.host}/v2/${repository}/blobs/${digest}`)
  const own = steps.find(({ stepName }) => stepName === task)
  const wire = { server: bytes.server / 1e6, containers: bytes.containers / 1e6, pushed: pushed / 1e6, node: bytes.node / 1e6 }
  return { ms: (own?.firstOutput ?? Number.NaN) - asked, parts: partsOf(asked, steps, own), wire }
}

const task = 'hello'

/** Milliseconds of each part; `own`: the task's container, beside which there may be a check's and a get's. */
export function partsOf(asked: number, steps: readonly StepMarks[], own: StepMarks | undefined): Record<string, number> {
  const [check, get] = steps.filter((step) => step !== own)
  const ends: [string, number | undefined][] = [
    ...(check === undefined ? [] : [['check', check.result] satisfies [string, number | undefined]]),
    ...(get === undefined ? [] : [['get', get.result] satisfies [string, number | undefined]]),
    ['to asked for', own?.asked],
    ['to reported in', own?.ready],
    ['to first output', own?.firstOutput],
  ]
  let before = asked
  return Object.fromEntries(
    ends.map(([name, at = Number.NaN]) => {
      const ms = at - before
      before = at
      return [name, ms]
    }),
  )
}

async function sizeOf(url: string): Promise<number> {
  const { headers, body } = await request(url, { method: 'HEAD' })
  await body.dump()
  return Number(headers['content-length'])
}

async function forgetArtifacts(place: Place, registry: PlaceRegistry, { app }: LocalServer): Promise<void> {
  switch (place.kind) {
    case 'kubernetes':
      return place.forgetImage(`${registry.host}/${artifactRepository}`)
    case 'docker': {
      const names: string[] = []
      for await (const artifact of app.stores.artifacts.list()) names.push(artifactImageName(artifact))
      return app.runtime.removeImages(names)
    }
  }
}

function finding(title: string, { native, physical }: Series, more: NonNullable<Finding['more']>): Finding {
  const ms = (of: readonly Fetched[]) => of.map((fetched) => fetched.ms)
  const parts = (name: string, of: readonly Fetched[]) =>
    Object.fromEntries(Object.keys(of[0]?.parts ?? {}).map((part) => [`${name}: ${part}`, of.map((fetched) => fetched.parts[part] ?? Number.NaN)]))
  const wire = (of: readonly Fetched[]) => of.map((fetched) => Object.values(fetched.wire).reduce((sum, mb) => sum + mb, 0))
  const way = (name: string, of: readonly Fetched[], who: readonly (keyof Fetched['wire'])[]) =>
    Object.fromEntries(who.map((one) => [`${name}_${one}_mb`, medianOf(of.map((fetched) => fetched.wire[one]))]))
  return {
    bench: 'images',
    title: `${title}: from the first question about it to the process’s first output; the ratio is physical/native`,
    series: {
      native: ms(native), physical: ms(physical), native_wire_mb: wire(native), physical_wire_mb: wire(physical),
      ...parts('native', native), ...parts('physical', physical),
    },
    ratio: medianOf(ms(physical)) / medianOf(ms(native)),
    more: { ...more, ...way('native', native, ['server', 'node']), ...way('physical', physical, ['server', 'containers', 'pushed', 'node']) },
  }
}
