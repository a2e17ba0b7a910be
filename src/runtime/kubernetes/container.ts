import type { ArtifactRef } from '../../model/artifact.ts'
import { formatReference, parseReference } from '../../images/reference/reference.ts'
import { fail } from '../../model/result.ts'
import type {
  Assignment, AssignmentResult, Container, ContainerLost, Expectation, InterceptedProcess, InterceptOptions, RecordSink, SupervisorSession,
} from '../contract.ts'
import { endingOf } from './endings.ts'
import { lossOf } from './lost.ts'
import { labelKeys } from './names.ts'
import { movable } from './movable.ts'
import { statusOf } from './step-status.ts'
import type { OwnPod, Parts } from './parts.ts'
import type { Tunnel } from './tunnel.ts'

const endMs = 1_000
/** How long a supervisor may take to hear that it is kept. */
const keepMs = 5_000

export interface ContainerOptions {
  readonly handle: string
  readonly pod: OwnPod
  /** From the container's spec. */
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

/** Whether the step's process was ended because its pod was: whatever status it then had is no result of the step's. */
const cutShort = (result: AssignmentResult, toldToEnd: number | undefined): boolean =>
  toldToEnd !== undefined && !result.aborted && (result.exitedAt ?? Number.POSITIVE_INFINITY) >= toldToEnd

/** A pod whose supervisor has reported in. */
export function createContainer(parts: Parts, options: ContainerOptions) {
  const { api, pods, remover, settings } = parts
  const { pod, session, expectation, tunnel } = options
  const over = new AbortController()
  const removed = Promise.withResolvers<ContainerLost>()
  const lost = lossOf(pod.uid, { pods, session, clock: settings.clock, signal: over.signal })
  const seen = () => pods.byUid(pod.uid) ?? pods.ghost(pod.uid)

  /** Stops watching; the container goes on, and its supervisor may come to the next server. */
  function leave(): void {
    over.abort()
    tunnel.close()
  }
  /** Tells the supervisor that the container is not wanted any more. */
  async function forget(): Promise<void> {
    leave()
    await expectation.cancel()
  }

  const container = {
    handle: options.handle,
    get host() {
      return seen()?.spec?.nodeName ?? settings.namespace
    },
    get architecture() {
      return session.architecture
    },
    get imageDigest() {
      // The kubelet obeys a digest; its own words name any repository that the node has that image from.
      const asked = pinned(options.image)
      if (asked !== undefined) return asked
      const id = statusOf(seen())?.imageID
      // Runtimes put `docker-pullable://` and the like before it.
      return pinned(id?.replace(/^[a-z-]+:\/\//, ''))
    },
    get warmSandbox() {
      return seen()?.metadata?.labels?.[labelKeys.sandbox] === 'taken'
    },
    get imagePull() {
      return pods.imagePull(pod.uid)
    },
    imageFound(signal: AbortSignal): Promise<string | undefined> {
      return new Promise((resolve) => {
        const look = (): void => {
          const digest = container.imageDigest
          if (digest === undefined && !signal.aborted && pods.ghost(pod.uid) === undefined) return
          unfollow()
          signal.removeEventListener('abort', look)
          resolve(digest)
        }
        const unfollow = pods.follow(pod.uid, look)
        signal.addEventListener('abort', look, { once: true })
        look()
      })
    },
    async assign(assignment: Assignment, sink: RecordSink, signal: AbortSignal) {
      let toldToEnd: number | undefined
      const watching: RecordSink = (records) => {
        for (const record of records) if (record.kind === 'event' && record.event.event === 'terminating') toldToEnd ??= record.time
        return sink(records)
      }
      const result = await session.assign(assignment, watching, signal, lost)
      return result.ok && cutShort(result.value, toldToEnd) ? fail({ ...endingOf(seen() ?? {}), mayStillRun: false }) : result
    },
    prefetch: (artifacts: readonly ArtifactRef[]) => session.prefetch(artifacts),
    intercept: (process: InterceptedProcess, options: InterceptOptions) => session.intercept(process, options, Promise.race([lost, removed.promise])),
    async release({ keep }: Parameters<Container['release']>[0]) {
      if (keep !== false) {
        // No node has to stay for it. Where the server may not patch pods, the autoscaler waits until it ends.
        void api.patchPod(pod.name, { metadata: { annotations: movable('true') } })
        return session.keep(keep.seconds, keepMs)
      }
      over.abort()
      await session.end(endMs)
      await Promise.all([remover.remove(pod.name, pod.uid, 5), forget()])
      removed.resolve({ kind: 'lost', message: 'the container was removed: its step is over', mayStillRun: false })
      options.onReleased()
    },
    forget,
    leave,
  }
  return container as Container & Pick<typeof container, 'forget' | 'leave'>
}
