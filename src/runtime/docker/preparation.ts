import { ownWords } from '../../lib/own-words.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { AttachError, ContainerSpec, Expectation, ImagePull, PrepareError, PrepareOptions, SupervisorSession } from '../contract.ts'
import { containerBody, type BodyOptions } from './container-body.ts'
import type { DockerContext } from './context.ts'
import type { CreateBody } from './engine/client.ts'
import { openExecTransport } from './exec-transport.ts'
import type { Transport } from './labels.ts'
import { describeDeath, ContainerMonitor } from './container-monitor.ts'
import { findExisting, obtainContainer, type Obtained } from './obtain.ts'
import { removeContainer } from './remove-container.ts'
import { waitForReport } from './report.ts'

/** How long the supervisor of a step that is over may take to report in, ms. */
const attachTime = 15_000

/** A container whose supervisor has reported in. */
export interface Prepared {
  readonly id: string
  /** `repo@sha256:…` of its image, where it is known. */
  readonly digest?: string
  readonly pull?: ImagePull
  readonly monitor: ContainerMonitor
  readonly expectation: Expectation
  readonly session: SupervisorSession
}

/** Makes one container ready, and removes what it made when that fails; where the engine has no user namespaces, without one. */
export async function prepareContainer(context: DockerContext, spec: ContainerSpec, options: PrepareOptions): Promise<Result<Prepared, PrepareError>> {
  const { ownUsers } = context
  const ask = ownUsers.asked && !spec.privileged
  const first = await prepareOnce(context, spec, options, ask)
  if (!ask || options.adopting === true) return first
  if (first.ok) {
    // One that was there already may have been made without.
    if (first.value.pull !== undefined) await ownUsers.proven()
    return first
  }
  if (first.error.kind !== 'rejected') return first
  const refused = await ownUsers.refused()
  if (refused === 'refusal') return first
  return refused === 'without' ? prepareOnce(context, spec, options, false) : fail({ kind: 'rejected', message: refused.why })
}

async function prepareOnce(context: DockerContext, spec: ContainerSpec, options: PrepareOptions, ownUsers: boolean): Promise<Result<Prepared, PrepareError>> {
  const located = context.images.locate(spec.image)
  if (!located.ok) return located
  const { transport, unproven } = context.transports
  // Until a container has reported in, a failure may mean that mounts do not reach containers here.
  const probing = unproven && options.adopting !== true
  const image = located.value
  const { digest } = image
  const obtain: Obtain = (how) => obtainContainer(context, { spec, image, body: bodyOf(context, spec, { image: image.name, transport: how, ownUsers }) }, options)
  const once = async (way: Transport, probe: boolean): Promise<Result<Prepared, PrepareError> | 'no-mounts'> => {
    const prepared = await new Preparation(context, spec.handle, options.adopting === true ? undefined : obtain, options).run(way, probe)
    return prepared !== 'no-mounts' && prepared.ok && digest !== undefined ? ok({ ...prepared.value, digest }) : prepared
  }
  const first = await once(transport, probing)
  if (first !== 'no-mounts') return first
  const second = await once('exec', false)
  if (second === 'no-mounts') throw new Error('only a probe may end so')
  if (second.ok) await context.transports.fallBack()
  return second
}

function bodyOf(context: DockerContext, spec: ContainerSpec, more: Pick<BodyOptions, 'image' | 'transport' | 'ownUsers'>): CreateBody {
  return containerBody(spec, {
    installation: context.installation,
    serverKey: context.rendezvous.serverKey,
    supervisorSettings: context.supervisorSettings,
    selinux: context.info.selinux,
    swapLimit: context.info.swapLimit,
    ...more,
  })
}

export async function findRunning(context: DockerContext, handle: string): Promise<Result<Obtained, AttachError>> {
  const found = await findExisting(context, handle)
  if (!found.ok) return fail(found.error.kind === 'unavailable' ? found.error : { kind: 'ended', message: 'the container is gone' })
  return found.value.state === 'running' ? found : fail({ kind: 'ended', message: 'the container has ended' })
}

/** Attaches to the running container of a step that is over. Creates, starts and removes nothing. */
export async function attachContainer(context: DockerContext, handle: string, { transport }: Obtained, signal: AbortSignal): Promise<Result<Prepared, AttachError>> {
  // Its supervisor dials within seconds, unless another server has it.
  const patience = AbortSignal.any([signal, AbortSignal.timeout(attachTime)])
  const attached = await new Preparation(context, handle, undefined, { signal: patience, over: true }).run(transport, false)
  if (attached === 'no-mounts') throw new Error('only a probe may end so')
  if (attached.ok) return attached
  const { error } = attached
  if (error.kind === 'aborted') return fail({ kind: 'unavailable', message: 'its supervisor does not report in' })
  return fail({ kind: error.kind === 'lost' ? 'ended' : 'unavailable', message: error.message })
}

/** Makes the container, or takes the one that is there. */
type Obtain = (transport: BodyOptions['transport']) => ReturnType<typeof obtainContainer>

type PreparationOptions = Pick<PrepareOptions, 'signal' | 'acked'> & { /** Its step is over. */ readonly over?: boolean }

/** One attempt to make a container ready, or to attach to an existing one. */
class Preparation {
  readonly #context: DockerContext
  readonly #handle: string
  readonly #make: Obtain | undefined
  readonly #options: PreparationOptions
  readonly #expectation: Expectation
  #home: string | undefined
  #monitor: ContainerMonitor | undefined
  #starting: Promise<unknown> | undefined

  /** Without `make`: adopts what is there. */
  constructor(context: DockerContext, handle: string, make: Obtain | undefined, options: PreparationOptions) {
    this.#context = context
    this.#handle = handle
    this.#make = make
    this.#options = options
    this.#expectation = context.rendezvous.expect(handle, {
      assigned: this.#adopting,
      ...(options.acked === undefined ? {} : { acked: options.acked }),
      ...(options.over === undefined ? {} : { over: options.over }),
    })
  }

  get #adopting(): boolean {
    return this.#make === undefined
  }

  /** `probing`: give up with `no-mounts` when it looks as if mounts did not reach the container. */
  async run(preferred: Transport, probing: boolean): Promise<Result<Prepared, PrepareError> | 'no-mounts'> {
    const { client, transports } = this.#context
    const obtained = await this.#obtain(preferred)
    if (!obtained.ok) {
      const error = await this.#giveUp(obtained.error, false)
      return probing && speaksOfMounts(obtained.error, this.#handle) ? 'no-mounts' : error
    }
    const { id, state, transport, pull } = obtained.value
    const monitor = new ContainerMonitor(this.#context, id)
    this.#monitor = monitor
    // An adopted container keeps the transport that it was created with.
    if (transport === 'socket') await this.#openHome()
    this.#expectation.identify({})
    if (this.#options.signal.aborted && !this.#adopting) return this.#giveUp({ kind: 'aborted' })

    if (transport === 'exec' && state === 'created') {
      const given = await client.putArchive(id, '/', await this.#context.binaryArchive())
      if (!given.ok) return this.#giveUp({ kind: 'rejected', message: `the supervisor cannot be put into the container: ${given.error.message}` })
    }
    const starting = state === 'running' ? Promise.resolve(ok(undefined)) : client.start(id)
    this.#starting = starting
    if (state === 'running') void monitor.look()
    if (transport === 'exec') void starting.then(({ ok: runs }) => runs && openExecTransport(this.#context, id, this.#expectation, monitor))

    const report = await waitForReport({ expectation: this.#expectation, monitor, starting, clock: this.#context.clock, impatient: probing, adopting: this.#adopting, signal: this.#options.signal })
    switch (report.kind) {
      case 'reported':
        transports.proven(transport)
        return ok({ id, monitor, expectation: this.#expectation, session: report.session, ...(pull && { pull }) })
      case 'aborted':
        return this.#giveUp({ kind: 'aborted' })
      case 'silent':
        await this.#giveUp({ kind: 'died', message: 'its supervisor does not report in' })
        return 'no-mounts'
      case 'died': {
        const message = describeDeath(await monitor.death)
        return this.#giveUp(this.#adopting ? { kind: 'lost', message, mayStillRun: false } : { kind: 'died', message: `${message}; its supervisor had not reported in` })
      }
      case 'not-started': {
        const { kind, message } = report.error
        const error = await this.#giveUp(
          kind === 'unavailable'
            ? { kind, message }
            : this.#adopting
              ? { kind: 'lost', message: `the container has ended and does not start again: ${message}`, mayStillRun: false }
              : { kind: 'rejected', message: `the engine does not start the container: ${message}` },
        )
        return probing && speaksOfMounts(report.error, this.#handle) ? 'no-mounts' : error
      }
    }
  }

  async #obtain(transport: Transport): ReturnType<typeof obtainContainer> {
    if (this.#make === undefined) return findExisting(this.#context, this.#handle)
    const home = transport === 'socket' ? await this.#openHome() : undefined
    return this.#make(home === undefined ? { kind: 'exec' } : { kind: 'socket', binary: this.#context.binary, home })
  }

  async #openHome(): Promise<string> {
    if (this.#home !== undefined) return this.#home
    this.#home = await this.#context.socketDirectories.make(this.#handle)
    await this.#expectation.listenUnix(this.#home)
    return this.#home
  }

  /** Removes the container, unless its process may have run: then the engine decides. */
  async #giveUp(error: PrepareError, made = true): Promise<Result<never, PrepareError>> {
    this.#monitor?.release()
    await (this.#options.over === true ? this.#expectation.leave() : this.#expectation.cancel())
    if (this.#adopting) return fail(error)
    await this.#starting
    if (made && error.kind !== 'unavailable') await removeContainer(this.#context.client, this.#handle)
    await this.#context.socketDirectories.remove(this.#handle)
    return fail(error)
  }
}

/** A refusal to mount, or a supervisor that is not there, is how an engine elsewhere says that it does not see our folders. */
const speaksOfMounts = (error: { readonly kind: string; readonly message?: string }, handle: string): boolean =>
  error.kind !== 'image-pull' && /mount|bind source|no such file or directory|not shared/i.test(ownWords(error.message ?? '', [handle]))
