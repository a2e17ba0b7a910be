import { abortBuild } from './abort-build.ts'
import type { BuildPorts } from './ports.ts'

/**
 * Aborts the checks of a run that was killed, which no run waits for any more, and removes their containers. Only for databases that no
 * other process has open. `ended` is to be awaited before the engine stops, since a stopping engine leaves builds as they are.
 */
export async function endAbandonedChecks(ports: Pick<BuildPorts, 'builds' | 'engine' | 'clock'>): Promise<{ readonly ended: Promise<unknown> }> {
  const ends: Promise<unknown>[] = []
  for (const build of await ports.builds.list({ unfinished: true })) {
    if (build.kind !== 'check') continue
    await abortBuild(ports, build.id)
    const claimed = await ports.engine.claim(build.id)
    if (claimed !== undefined) ends.push(claimed.end)
  }
  return { ended: Promise.allSettled(ends) }
}
