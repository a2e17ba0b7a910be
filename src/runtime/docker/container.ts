import type { ArtifactRef } from '../../model/artifact.ts'
import type { Result } from '../../model/result.ts'
import type { Assignment, AssignmentResult, Container, ContainerLost, RecordSink } from '../contract.ts'
import type { DockerContext } from './context.ts'
import type { Prepared } from './preparation.ts'
import { removeContainer } from './remove-container.ts'

/** How long a supervisor may take to deliver what is left and end, ms. */
const endTime = 5_000

export interface DockerContainer extends Container {
  /** It can still take an assignment. */
  readonly usable: boolean
}

/** `released`: called when the container is no longer the runtime's concern. */
export function dockerContainer(context: DockerContext, handle: string, prepared: Prepared, released: () => void): DockerContainer {
  const { session, life, expectation, image } = prepared
  let letGo = false
  return {
    handle,
    host: context.info.host || context.info.engine,
    ...(image.digest === undefined ? {} : { imageDigest: image.digest }),
    get usable() {
      return !letGo && !life.over
    },
    async assign(assignment: Assignment, sink: RecordSink, signal: AbortSignal): Promise<Result<AssignmentResult, ContainerLost>> {
      const result = await life.during(() => session.assign(assignment, sink, signal, life.lost()))
      // A container that is started again has new counters: what killed its supervisor is known to the engine only.
      if (!result.ok || result.value.outcome.kind !== 'killed' || !life.oomKilled) return result
      return { ok: true, value: { ...result.value, outcome: { ...result.value.outcome, oom: true } } }
    },
    prefetch: (artifacts: readonly ArtifactRef[]) => session.prefetch(artifacts),
    async release({ keep }) {
      if (keep) return
      letGo = true
      life.release()
      if (!life.over) await session.end(endTime)
      await expectation.cancel()
      await removeContainer(context.client, handle)
      await context.homes.remove(handle)
      released()
    },
  }
}
