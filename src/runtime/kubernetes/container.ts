import type { ArtifactRef } from '../../model/artifact.ts'
import { formatReference, parseReference } from '../../images/reference/reference.ts'
import type { Assignment, Container, Expectation, RecordSink, SupervisorSession } from '../contract.ts'
import { stepContainer } from './layout.ts'
import { lossOf } from './lost.ts'
import type { OwnPod, Parts } from './parts.ts'
import type { Tunnel } from './tunnel.ts'

const endMs = 1_000

export interface ContainerOptions {
  readonly handle: string
  readonly pod: OwnPod
  /** As its spec says it. */
  readonly image: string
  readonly session: SupervisorSession
  readonly expectation: Expectation
  readonly tunnel: Tunnel
  readonly onReleased: () => void
}

/** `repo@sha256:…` of a reference with a digest. */
function pinned(reference: string | undefined): string | undefined {
  const parsed = parseReference(reference ?? '')
  if (!parsed.ok || parsed.value.digest === undefined) return undefined
  const { registry, repository, digest } = parsed.value
  return formatReference({ registry, repository, digest })
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
      // The kubelet obeys a digest; its own words name any repository that the node has that image from.
      const asked = pinned(options.image)
      if (asked !== undefined) return asked
      const id = seen()?.status?.containerStatuses?.find((container) => container.name === stepContainer)?.imageID
      // Runtimes put `docker-pullable://` and the like before it.
      return pinned(id?.replace(/^[a-z-]+:\/\//, ''))
    },
    assign: (assignment: Assignment, sink: RecordSink, signal: AbortSignal) => session.assign(assignment, sink, signal, lost),
    prefetch: (artifacts: readonly ArtifactRef[]) => session.prefetch(artifacts),
    async release({ keep }) {
      if (keep) return
      over.abort()
      await session.end(endMs)
      await Promise.all([remover.remove(pod.name, pod.uid, 5), forget()])
      options.onReleased()
    },
    forget,
  } as Container & { forget(): Promise<void> }
}
