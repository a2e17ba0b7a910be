import { request } from 'undici'
import { RegistryClient } from '../src/images/registry/registry-client.ts'
import { describeImageError } from '../src/images/resolve/image-error.ts'
import { ImageResolver } from '../src/images/resolve/image-resolver.ts'
import type { JsonObject } from '../src/model/json.ts'
import type { PlaceRegistry } from './place.ts'
import type { Finding } from './report.ts'
import { medianOf } from './statistics.ts'

const count = 2_000
const parallel = 10

/** How many times in a second an image's tag is resolved to its digest and its configuration by this process, over connections that stay open. */
export async function resolutions(registry: PlaceRegistry, name: string, runs: number, progress: (line: string) => void): Promise<Finding> {
  const client = new RegistryClient()
  const resolver = new ImageResolver(client)
  const source: JsonObject = { repository: `${registry.host}/${name}`, tag: '1', insecure: true }
  const rates: number[] = []
  const perCore: number[] = []
  let asked = 0
  try {
    const requests = await registry.watch()
    for (let run = -1; run < runs; run += 1) {
      const { perSecond, cpuMicroseconds } = await measure(resolver, source)
      if (run < 0) continue
      rates.push(perSecond)
      perCore.push(1e6 / cpuMicroseconds)
      progress(`(images) resolutions ${run + 1} of ${runs}: ${perSecond.toFixed(0)} a second, ${cpuMicroseconds.toFixed(0)} µs of processor each`)
    }
    // The registry logs what it has answered a moment later: this comes after all of them.
    await (await request(`http://${registry.host}/v2/`)).body.dump()
    asked = (await requests()).filter(({ method, kind }) => method === 'HEAD' && kind === 'manifest').length
  } finally {
    await client.close()
  }
  return {
    bench: 'images',
    title: `resolutions of a tag, ${parallel} at a time, ${count} in a run; and what one core alone would do`,
    series: { resolutions_per_s: rates, one_core_per_s: perCore },
    ratio: medianOf(perCore) / 1000,
    goal: '>= 1 (1000 on one core), at most one HEAD each',
    more: { heads_each: Math.round((asked / ((runs + 1) * count)) * 1000) / 1000 },
  }
}

interface Rate {
  readonly perSecond: number
  /** Of this process, user and system together, for each resolution. */
  readonly cpuMicroseconds: number
}

async function measure(resolver: ImageResolver, source: JsonObject): Promise<Rate> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const resolved = await resolver.resolve({ source })
      if (!resolved.ok) throw new Error(describeImageError(resolved.error))
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: count / seconds, cpuMicroseconds: (user + system) / count }
}
