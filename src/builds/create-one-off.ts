import { encodeStoredBuild } from '../engine/stored-build.ts'
import type { OneOffBuild } from '../model/requested-build.ts'
import type { BuildPorts } from './ports.ts'

/** A build that begins at once; gives its id. What its plan must not do is found out when it begins. */
export const createOneOff = ({ builds, runtime, clock }: Pick<BuildPorts, 'builds' | 'runtime' | 'clock'>, { scope, plan, artifacts, varSources, createdBy }: OneOffBuild): Promise<number> =>
  builds.createStarted({ kind: 'one-off', scope, createdBy }, encodeStoredBuild({ plan, artifacts, varSources, runtime }), clock.now())
