import { fail, ok, type Result } from '../../model/result.ts'
import type { ContainerSpec, Expectation, PrepareError, PrepareOptions, SupervisorSession } from '../contract.ts'
import { containerBody } from './container-body.ts'
import type { DockerContext } from './context.ts'
import { describeDeath, Life } from './life.ts'
import type { LocatedImage } from './images.ts'
import type { Transport } from './labels.ts'
import { openExecTransport } from './exec-transport.ts'
import { findExisting, obtainContainer } from './obtain.ts'
import { removeContainer } from './remove-container.ts'

/** A container whose supervisor has reported in. */
export interface Prepared {
  readonly id: string
  readonly image: LocatedImage
  readonly life: Life
  readonly expectation: Expectation
  readonly session: SupervisorSession
}

/** How long a container may be silent while nobody knows whether mounts work here. */
const unprovenPatience = 5_000

/** Makes one container ready, or leaves nothing behind. */
export async function prepareContainer(context: DockerContext, spec: ContainerSpec, options: PrepareOptions): Promise<Result<Prepared, PrepareError>> {
  const located = context.images.locate(spec.image)
  if (!located.ok) return located
  for (;;) {
    const { transport } = context.transports
    const attempt = await attemptContainer(context, spec, located.value, transport, options)
    if (attempt !== 'no-mounts') return attempt
    await context.transports.fallBack()
    context.log.info({}, 'mounts do not reach containers of this engine: frames go over exec')
  }
}

type Attempt = Result<Prepared, PrepareError> | 'no-mounts'

async function attemptContainer(context: DockerContext, spec: ContainerSpec, image: LocatedImage, preferred: Transport, options: PrepareOptions): Promise<Attempt> {
  const { handle } = spec
  const existing = options.adopting === true ? await findExisting(context, handle) : undefined
  if (existing !== undefined && !existing.ok) return existing

  const expectation = context.rendezvous.expect(handle, {
    assigned: options.adopting === true,
    ...(options.acked === undefined ? {} : { acked: options.acked }),
  })
  let made: { readonly id: string } | undefined
  let life: Life | undefined
  const giveUp = async (error: PrepareError): Promise<Result<Prepared, PrepareError>> => {
    life?.release()
    await expectation.cancel()
    // What may have run is left for whoever decides about it.
    if (options.adopting === true) return fail(error)
    if (made !== undefined) await removeContainer(context.client, handle)
    await context.homes.remove(handle)
    return fail(error)
  }

  const planned = existing?.value.transport ?? preferred
  const home = planned === 'socket' ? await openHome(context, handle, expectation) : undefined
  const body = containerBody(spec, {
    installation: context.installation,
    serverKey: context.rendezvous.serverKey,
    image: image.name,
    transport: home === undefined ? { kind: 'exec' } : { kind: 'socket', binary: context.binary, home },
    selinux: context.info.selinux,
    swapLimit: context.info.swapLimit,
  })
  const obtained = existing ?? (await obtainContainer(context, spec, image, body, options))
  if (!obtained.ok) {
    // A refusal to mount is how an engine on another machine says that it does not see our folders.
    if (obtained.error.kind === 'rejected' && context.transports.unproven && planned === 'socket' && speaksOfMounts(obtained.error.message)) {
      await giveUp(obtained.error)
      return 'no-mounts'
    }
    return giveUp(obtained.error)
  }
  made = obtained.value
  const { id, state, transport } = obtained.value
  life = new Life(context, id)
  // An adopted container speaks the way it was made to.
  if (transport === 'socket' && home === undefined) await openHome(context, handle, expectation)
  expectation.identify({})
  if (options.signal.aborted) return giveUp({ kind: 'aborted' })

  if (state !== 'running') {
    if (transport === 'exec' && state === 'created') {
      const given = await context.client.putArchive(id, '/', await context.binaryArchive())
      if (!given.ok) return giveUp({ kind: 'rejected', message: `the supervisor cannot be put into the container: ${given.error.message}` })
    }
    const started = await context.client.start(id)
    if (!started.ok) {
      const { message } = started.error
      if (context.transports.unproven && transport === 'socket') {
        await giveUp({ kind: 'rejected', message })
        return 'no-mounts'
      }
      if (started.error.kind === 'unavailable') return giveUp({ kind: 'unavailable', message })
      if (options.adopting === true) return giveUp({ kind: 'lost', message: `the container has ended and does not start again: ${message}`, mayStillRun: false })
      return giveUp({ kind: 'rejected', message: `the engine does not start the container: ${message}` })
    }
  } else void life.look()
  if (transport === 'exec') openExecTransport(context, id, expectation, life)

  const outcome = await waitForReport(context, expectation, life, transport, options)
  switch (outcome.kind) {
    case 'reported':
      context.transports.proven(transport)
      return ok({ id, image, life, expectation, session: outcome.session })
    case 'died': {
      const death = await life.death
      if (options.adopting === true) return giveUp({ kind: 'lost', message: describeDeath(death), mayStillRun: false })
      return giveUp({ kind: 'died', message: `${describeDeath(death)}; its supervisor had not reported in` })
    }
    case 'aborted':
      return giveUp({ kind: 'aborted' })
    case 'silent':
      await giveUp({ kind: 'died', message: 'its supervisor does not report in' })
      return 'no-mounts'
  }
}

type ReportOutcome = { readonly kind: 'reported'; readonly session: SupervisorSession } | { readonly kind: 'died' | 'aborted' | 'silent' }

async function waitForReport(context: DockerContext, expectation: Expectation, life: Life, transport: Transport, options: PrepareOptions): Promise<ReportOutcome> {
  const done = new AbortController()
  const { promise: aborted, resolve: abort } = Promise.withResolvers<ReportOutcome>()
  const onAbort = (): void => abort({ kind: 'aborted' })
  options.signal.addEventListener('abort', onAbort, { once: true })
  if (options.signal.aborted) onAbort()
  const waits: Promise<ReportOutcome>[] = [
    expectation.reported.then((session) => ({ kind: 'reported', session })),
    life.death.then(() => ({ kind: 'died' })),
    aborted,
  ]
  if (context.transports.unproven && transport === 'socket') {
    const { promise: silent, resolve } = Promise.withResolvers<ReportOutcome>()
    void context.clock.sleep(unprovenPatience, done.signal).then(
      () => resolve({ kind: 'silent' }),
      () => undefined,
    )
    waits.push(silent)
  }
  // A supervisor that was killed before the server came back is started again, to deliver what it has.
  const race = (): Promise<ReportOutcome> => Promise.race(waits)
  try {
    return await (options.adopting === true ? life.during(race) : race())
  } finally {
    done.abort()
    options.signal.removeEventListener('abort', onAbort)
  }
}

async function openHome(context: DockerContext, handle: string, expectation: Expectation): Promise<string> {
  const folder = await context.homes.make(handle)
  await expectation.listenUnix(folder)
  return folder
}

const speaksOfMounts = (message: string): boolean => /mount|bind source|no such file or directory|not shared/i.test(message)
