import type { BuildPorts } from './ports.ts'

/**
 * Asks for the end of a build. A pending one ends at once; a started one runs its hooks first, in the process that has it. False when the
 * build has ended, or there is no such build.
 */
export function abortBuild({ builds, clock }: Pick<BuildPorts, 'builds' | 'clock'>, buildId: number): Promise<boolean> {
  return builds.requestAbort(buildId, clock.now())
}
