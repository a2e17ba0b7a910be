import { fail, ok, type Result } from '../../model/result.ts'
import type { ContainerSpec, Expectation, PrepareError, PrepareOptions, WaitReason } from '../contract.ts'
import { describeApiError } from './client/api-error.ts'
import type { Pod } from './client/objects.ts'
import { retrying } from './client/retry.ts'
import { createContainer } from './container.ts'
import { createPod, isSandbox } from './create.ts'
import { endingOf } from './endings.ts'
import { keptPod } from './kept-pod.ts'
import { PodAssessor } from './pod-assessor.ts'
import { tokenAudience, volumes } from './layout.ts'
import { annotationKeys, containerSelector } from './names.ts'
import { noArtifactImages } from './options.ts'
import type { OwnPod, Parts } from './parts.ts'
import { awaitReport, type ReportIn } from './report-in.ts'
import { createTunnel } from './tunnel.ts'

export type Prepared = ReturnType<typeof createContainer>

const attempts = 5
const stopping: PrepareError = { kind: 'unavailable', message: 'the server stops; the container is left to the next one' }
/** How long an abort waits for the removal, which goes on in the background. */
const abortPatienceMs = 60_000

/** Creates a container and waits until its supervisor has reported in. Removes what it made when that fails. */
export async function prepare(parts: Parts, wanted: ContainerSpec, options: PrepareOptions, onReleased: () => void): Promise<Result<Prepared, PrepareError>> {
  const refused = refusal(parts, wanted)
  if (refused !== undefined) return fail(refused)
  const { rendezvous } = parts.settings
  const adopting = options.adopting === true
  const located = adopting ? ok(wanted) : await withRegistryImage(parts, wanted, options)
  if (!located.ok) return located
  const spec = located.value
  const expect = (): Expectation => rendezvous.expect(spec.handle, { assigned: adopting, ...(options.acked === undefined ? {} : { acked: options.acked }) })
  const expected: Expected = { current: expect(), expect }
  const prepared = parts.sandboxes.preparing()
  let settled = false
  try {
    const result = adopting ? await adoptOld(parts, { spec, options, onReleased }, expected.current) : await makeNew(parts, { spec, options, onReleased }, expected)
    settled = result.ok
    return result
  } finally {
    prepared()
    if (!settled && !parts.stopped.aborted) await expected.current.cancel()
  }
}

interface Wanted {
  readonly spec: ContainerSpec
  readonly options: PrepareOptions
  readonly onReleased: () => void
}

/** Expects the supervisor of one pod alone: a pod that terminates may still send a hello while its successor starts. */
interface Expected {
  current: Expectation
  readonly expect: () => Expectation
}

function refusal(parts: Parts, spec: ContainerSpec): PrepareError | undefined {
  if (spec.privileged && parts.settings.isolation.mode === 'restricted') {
    return { kind: 'rejected', message: 'privileged: true is not possible in a namespace whose mode is restricted' }
  }
  return undefined
}

/** The same container from an image that nodes can pull: one that a step has made is put into a registry first. */
async function withRegistryImage(parts: Parts, spec: ContainerSpec, { signal, onReason }: PrepareOptions): Promise<Result<ContainerSpec, PrepareError>> {
  if (spec.image.kind === 'registry') return ok(spec)
  const { artifact, name } = spec.image
  const { publishImage } = parts.settings
  if (publishImage === undefined) return fail({ kind: 'rejected', message: `image ${name} is an artifact: ${noArtifactImages}` })
  try {
    const published = await publishImage(artifact, name, signal, (message) => onReason({ kind: 'pulling', message }))
    return published.ok ? ok({ ...spec, image: published.value }) : fail({ kind: 'image-pull', image: name, message: published.error })
  } catch (error) {
    if (signal.aborted) return fail({ kind: 'aborted' })
    throw error
  }
}

async function makeNew(parts: Parts, { spec, options, onReleased }: Wanted, expected: Expected): Promise<Result<Prepared, PrepareError>> {
  const { secrets, settings, abilities, pods, sandboxes } = parts
  const onReason = (reason: WaitReason): void => {
    if (reason.kind === 'unschedulable') void sandboxes.giveWay()
    options.onReason(reason)
  }
  for (let attempt = 1; ; attempt++) {
    const found = await podFor(parts, spec, { ...options, onReason }, attempt)
    if (!found.ok) return found
    const { pod, sandbox } = found.value
    const expectation = expected.current
    identify(parts, expectation, pod)
    const tunnel = createTunnel(parts.dial, expectation, settings.clock, settings.log)
    const delivery = pods.byUid(pod.uid)?.metadata?.annotations?.[annotationKeys.delivery]
    const assessor = new PodAssessor(
      {
        ...assessorSettings(parts, { stepImage: imageOf(spec), guess: spec.guess, hermetic: spec.hermetic === true }),
        // The volume is there already where a container waited.
        imageVolume: delivery === 'image-volume' && !sandbox,
        flexible: settings.delivery === 'auto',
        adopting: false,
        secondTry: attempt > 1,
      },
      settings.clock.now(),
    )
    const ended = await awaitReport({ ...options, ...parts, onReason, clock: settings.clock, pod, expectation, assessor, tunnel })
    const report = sandbox ? orPodOfItsOwn(ended) : ended
    if (report.kind === 'reported') return ok(createContainer(parts, { handle: spec.handle, image: imageOf(spec), pod, session: report.session, expectation, tunnel, onReleased }))

    if (report.kind === 'stopped') {
      tunnel.close()
      return fail(stopping)
    }
    const node = (pods.byUid(pod.uid) ?? pods.ghost(pod.uid))?.spec?.nodeName ?? ''
    tunnel.close()
    if (report.kind === 'again') {
      await expectation.cancel()
      expected.current = expected.expect()
    }
    await leaveNothing(parts, pod)
    switch (report.kind) {
      case 'aborted':
        await secrets.drop(pod.name).catch(() => {})
        return fail({ kind: 'aborted' })
      case 'failed':
        // What the guess lacked, a sandbox may have.
        if (report.error.kind === 'no-room') await sandboxes.giveWay()
        return fail(report.error)
      case 'again':
        settings.log.info({ component: 'kubernetes', pod: pod.name, why: report.why, message: report.message }, 'creating a pod again')
        if (report.why === 'no-image-volumes') abilities.lacksImageVolumes(node)
        if (report.why === 'no-user-namespaces') abilities.lacksUserNamespaces(node)
        if (attempt >= attempts) return fail({ kind: 'lost', message: report.message, mayStillRun: false })
        options.onReason({ kind: 'starting', message: `starting again: ${report.message}` })
        await settings.clock.sleep(report.why === 'lost' ? 250 * 2 ** attempt : 0, options.signal).catch(() => {})
        if (options.signal.aborted) return fail({ kind: 'aborted' })
    }
  }
}

/** The first attempt takes a sandbox where one fits; a pod that has the container's handle already is adopted. */
async function podFor(parts: Parts, spec: ContainerSpec, options: PrepareOptions, attempt: number): Promise<Result<{ readonly pod: OwnPod; readonly sandbox: boolean }, PrepareError>> {
  const { pods, sandboxes } = parts
  const taken = attempt === 1 && pods.byHandle(spec.handle).length === 0 ? await sandboxes.take(spec) : undefined
  if (taken !== undefined) return ok({ pod: taken, sandbox: true })
  const created = await createPod(parts, spec, options)
  if (!created.ok) return created
  const { pod } = created.value
  return ok({ pod, sandbox: isSandbox(pods.byUid(pod.uid)) })
}

/** What a sandbox could not start, a pod of its own may: all but an image that cannot be pulled, which is the step's. */
function orPodOfItsOwn(report: ReportIn): ReportIn {
  if (report.kind !== 'failed' || report.error.kind === 'image-pull' || report.error.kind === 'aborted') return report
  return { kind: 'again', why: 'lost', message: report.error.message }
}

/** After a restart, an assignment was sent: that very pod, or none. */
async function adoptOld(parts: Parts, { spec, options, onReleased }: Wanted, expectation: Expectation): Promise<Result<Prepared, PrepareError>> {
  const { api, pods, settings } = parts
  const answer = await retrying({ clock: settings.clock, signal: options.signal, patienceMs: settings.apiPatienceMs }, () => api.listPods(containerSelector(settings.installation, spec.handle)))
  if (options.signal.aborted) return fail({ kind: 'aborted' })
  if (!answer.ok) return fail({ kind: 'unavailable', message: describeApiError(answer.error) })
  const listed = answer.value.items ?? []
  const found = listed.find(({ metadata }) => metadata?.deletionTimestamp === undefined) ?? listed[0]
  if (found === undefined) return fail({ kind: 'lost', message: 'its pod is gone: it was removed while no server was there', mayStillRun: false })
  const pod: OwnPod = { name: found.metadata?.name ?? '', uid: found.metadata?.uid ?? '' }
  pods.created(found)
  if (found.status?.phase === 'Failed' || found.status?.phase === 'Succeeded') return fail(endingOf(keptPod(found)))
  identify(parts, expectation, pod)
  const tunnel = createTunnel(parts.dial, expectation, settings.clock, settings.log)
  const assessor = adoptingAssessor(parts, { stepImage: imageOf(spec), guess: spec.guess, hermetic: spec.hermetic === true })
  const report = await awaitReport({ ...options, ...parts, clock: settings.clock, pod, expectation, assessor, tunnel })
  if (report.kind === 'reported') return ok(createContainer(parts, { handle: spec.handle, image: imageOf(spec), pod, session: report.session, expectation, tunnel, onReleased }))
  tunnel.close()
  switch (report.kind) {
    case 'aborted':
      return fail({ kind: 'aborted' })
    case 'stopped':
      return fail(stopping)
    case 'failed':
      return fail(report.error)
    case 'again':
      return fail({ kind: 'lost', message: report.message, mayStillRun: false })
  }
}

const imageOf = ({ image }: ContainerSpec): string => (image.kind === 'registry' ? image.reference : '')

interface AssessedPod {
  readonly stepImage: string
  readonly guess: boolean
  /** It cannot dial. */
  readonly hermetic: boolean
}

/** For an existing pod, which is never changed and never replaced. */
export function adoptingAssessor(parts: Parts, about: AssessedPod): PodAssessor {
  return new PodAssessor({ ...assessorSettings(parts, about), imageVolume: false, flexible: false, adopting: true, secondTry: false }, parts.settings.clock.now())
}

function assessorSettings(parts: Parts, { stepImage, guess, hermetic }: AssessedPod) {
  const { transport, rendezvous, supervisorImage, pullGraceMs, tunnelAfterMs } = parts.settings
  const forced = hermetic || transport === 'tunnel' || (transport === 'auto' && rendezvous.homeAddress === undefined) ? ('tunnel' as const) : transport === 'home' ? ('home' as const) : undefined
  return { supervisorImage, pullGraceMs, tunnelAfterMs, forced, guess, stepImage }
}

/** Says which pod may report in, and how its token is verified where it was given one. */
export function identify(parts: Parts, expectation: Expectation, pod: OwnPod): void {
  const { settings, verifyToken, pods } = parts
  const expected = {
    audience: tokenAudience(settings.installation),
    namespace: settings.namespace,
    serviceAccount: settings.serviceAccount,
    pod: pod.name,
    uid: pod.uid,
  }
  expectation.identify({ uid: pod.uid, ...(hasToken(pods.byUid(pod.uid)) ? { verifyToken: (token: string) => verifyToken(token, expected) } : {}) })
}

const hasToken = (pod: Pod | undefined): boolean => pod?.spec?.volumes?.some(({ name }) => name === volumes.token) === true

/**
 * Removes the pod and waits until it is confirmed gone. At once: nothing was ever asked of it, and a kubelet that is
 * in the middle of a pull would not let it go before that ends.
 */
async function leaveNothing({ remover, settings }: Parts, pod: OwnPod): Promise<void> {
  const done = new AbortController()
  const removed = remover.remove(pod.name, pod.uid, 0).catch(() => {})
  await Promise.race([removed, settings.clock.sleep(abortPatienceMs, done.signal).catch(() => {})])
  done.abort()
}
