import type { JsonObject } from '../../model/json.ts'
import { describeImageError } from '../resolve/image-error.ts'
import type { ImageResolver } from '../resolve/image-resolver.ts'

export interface ResolutionRate {
  readonly perSecond: number
  /** Of this process, user and system together, for each resolution, in microseconds. */
  readonly cpuMicroseconds: number
}

/** Resolves a source `count` times, `parallel` at a time, with connection, token and documents warm: one HEAD each. Throws on a failure. */
export async function measureResolutions(resolver: ImageResolver, source: JsonObject, count: number, parallel: number): Promise<ResolutionRate> {
  const once = async (): Promise<void> => {
    const resolved = await resolver.resolve({ source })
    if (!resolved.ok) throw new Error(describeImageError(resolved.error))
  }
  await once()
  const cpu = process.cpuUsage()
  const started = performance.now()
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) await once()
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: count / seconds, cpuMicroseconds: (user + system) / count }
}
