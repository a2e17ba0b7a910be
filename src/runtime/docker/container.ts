import type { ArtifactRef } from '../../model/artifact.ts'
import type { Result } from '../../model/result.ts'
import type { Assignment, AssignmentResult, Container, ContainerLost, InterceptedProcess, InterceptOptions, RecordSink } from '../contract.ts'
import type { DockerContext } from './context.ts'
import type { Prepared } from './preparation.ts'
import { removeContainer } from './remove-container.ts'

/** How long a supervisor may take to deliver what is left and end, ms. */
const endTime = 5_000
/** How long it may take to hear that it is kept, ms. */
const keepTime = 5_000

export interface DockerContainer extends Container {
  /** It can still take an assignment. */
  readonly usable: boolean
}

/** `released`: called when the runtime need not track the container any more. */
export function dockerContainer(context: DockerContext, handle: string, prepared: Prepared, released: () => void): DockerContainer {
  const { session, monitor, expectation, digest, pull } = prepared
  let letGo = false
  const removed = Promise.withResolvers<ContainerLost>()
  return {
    handle,
    host: context.info.host || context.info.engine,
    ...(digest === undefined ? {} : { imageDigest: digest }),
    ...(pull && { imagePull: pull }),
    ...(session.architecture !== undefined && { architecture: session.architecture }),
    get usable() {
      return !letGo && !monitor.over
    },
    async assign(assignment: Assignment, sink: RecordSink, signal: AbortSignal): Promise<Result<AssignmentResult, ContainerLost>> {
      const result = await monitor.during(() => session.assign(assignment, sink, signal, monitor.lost()))
      // A container that is started again has new counters: what killed its supervisor is known to the engine only.
      if (!result.ok || result.value.outcome.kind !== 'killed' || !monitor.oomKilled) return result
      return { ok: true, value: { ...result.value, outcome: { ...result.value.outcome, oom: true } } }
    },
    prefetch: (artifacts: readonly ArtifactRef[]) => session.prefetch(artifacts),
    intercept(process: InterceptedProcess, options: InterceptOptions) {
      return session.intercept(process, options, Promise.race([monitor.lost(), removed.promise]))
    },
    async release({ keep }) {
      if (keep !== false) return session.keep(keep.seconds, keepTime)
      letGo = true
      monitor.release()
      if (!monitor.over) await session.end(endTime)
      await expectation.cancel()
      await removeContainer(context.client, handle)
      await context.socketDirectories.remove(handle)
      removed.resolve({ kind: 'lost', message: 'the container was removed: its step is over', mayStillRun: false })
      released()
    },
  }
}
