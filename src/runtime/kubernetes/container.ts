import type { ArtifactRef } from '../../model/artifact.ts'
import type { Assignment, Container, Expectation, RecordSink, SupervisorSession } from '../contract.ts'
import { stepContainer } from './layout.ts'
import { lossOf } from './lost.ts'
import type { OwnPod, Parts } from './parts.ts'
import type { Tunnel } from './tunnel.ts'

const endMs = 1_000

export interface ContainerOptions {
  readonly handle: string
  readonly pod: OwnPod
  readonly session: SupervisorSession
  readonly expectation: Expectation
  readonly tunnel: Tunnel
  readonly onReleased: () => void
}

/** A pod whose supervisor has reported in. */
export function createContainer(parts: Parts, options: ContainerOptions): Container & { forget(): Promise<void> } {
  const { pods, remover, settings } = parts
  const { pod, session, expectation, tunnel } = options
  const over = new AbortController()
  const lost = lossOf(pod.uid, pods, session, settings.clock, over.signal)
  const seen = () => pods.byUid(pod.uid) ?? pods.ghost(pod.uid)

  /** Stops caring; the pod stays. */
  async function forget(): Promise<void> {
    over.abort()
    tunnel.close()
    await expectation.cancel()
  }

  return {
    handle: options.handle,
    get host() {
      return seen()?.spec?.nodeName ?? settings.namespace
    },
    get imageDigest() {
      const id = seen()?.status?.containerStatuses?.find((container) => container.name === stepContainer)?.imageID
      // Runtimes put `docker-pullable://` and the like before it.
      const digest = id?.replace(/^[a-z-]+:\/\//, '')
      return digest !== undefined && /@sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined
    },
    assign: (assignment: Assignment, sink: RecordSink, signal: AbortSignal) => session.assign(assignment, sink, signal, lost),
    prefetch: (artifacts: readonly ArtifactRef[]) => session.prefetch(artifacts),
    async release({ keep }) {
      if (keep) return
      over.abort()
      await session.end(endMs)
      await remover.request(pod.name, pod.uid, 5)
      await forget()
      options.onReleased()
    },
    forget,
  } as Container & { forget(): Promise<void> }
}
