import { fail, ok, type Result } from '../../model/result.ts'
import type { ContainerSpec, Expectation, PrepareError, PrepareOptions, SupervisorSession } from '../contract.ts'
import { containerBody } from './container-body.ts'
import type { DockerContext } from './context.ts'
import { openExecTransport } from './exec-transport.ts'
import type { LocatedImage } from './images.ts'
import type { Transport } from './labels.ts'
import { describeDeath, Life } from './life.ts'
import { findExisting, obtainContainer } from './obtain.ts'
import { removeContainer } from './remove-container.ts'
import { waitForReport } from './report.ts'

/** A container whose supervisor has reported in. */
export interface Prepared {
  readonly id: string
  readonly image: LocatedImage
  readonly life: Life
  readonly expectation: Expectation
  readonly session: SupervisorSession
}

/** Makes one container ready, or leaves nothing behind. */
export async function prepareContainer(context: DockerContext, spec: ContainerSpec, options: PrepareOptions): Promise<Result<Prepared, PrepareError>> {
  const located = context.images.locate(spec.image)
  if (!located.ok) return located
  const { transport, unproven } = context.transports
  // Whether mounts reach containers is known when one has reported in; until then a failure may come of that.
  const probing = unproven && options.adopting !== true
  const first = await new Preparation(context, spec, located.value, options).run(transport, probing)
  if (first !== 'no-mounts') return first
  const second = await new Preparation(context, spec, located.value, options).run('exec', false)
  if (second === 'no-mounts') throw new Error('only a probe may end so')
  if (second.ok) await context.transports.fallBack()
  return second
}

/** One try to make a container ready. */
class Preparation {
  readonly #context: DockerContext
  readonly #spec: ContainerSpec
  readonly #image: LocatedImage
  readonly #options: PrepareOptions
  readonly #expectation: Expectation
  #home: string | undefined
  #life: Life | undefined
  #starting: Promise<unknown> | undefined

  constructor(context: DockerContext, spec: ContainerSpec, image: LocatedImage, options: PrepareOptions) {
    this.#context = context
    this.#spec = spec
    this.#image = image
    this.#options = options
    this.#expectation = context.rendezvous.expect(spec.handle, {
      assigned: this.#adopting,
      ...(options.acked === undefined ? {} : { acked: options.acked }),
    })
  }

  get #adopting(): boolean {
    return this.#options.adopting === true
  }

  /** `probing`: give up with `no-mounts` when it looks as if mounts did not reach the container. */
  async run(preferred: Transport, probing: boolean): Promise<Result<Prepared, PrepareError> | 'no-mounts'> {
    const { client, transports } = this.#context
    const obtained = this.#adopting ? await findExisting(this.#context, this.#spec.handle) : await this.#obtain(preferred)
    if (!obtained.ok) {
      const error = await this.#giveUp(obtained.error, false)
      return probing && speaksOfMounts(obtained.error) ? 'no-mounts' : error
    }
    const { id, state, transport } = obtained.value
    const life = new Life(this.#context, id)
    this.#life = life
    // An adopted container speaks the way it was made to.
    if (transport === 'socket') await this.#openHome()
    this.#expectation.identify({})
    if (this.#options.signal.aborted && !this.#adopting) return this.#giveUp({ kind: 'aborted' })

    if (transport === 'exec' && state === 'created') {
      const given = await client.putArchive(id, '/', await this.#context.binaryArchive())
      if (!given.ok) return this.#giveUp({ kind: 'rejected', message: `the supervisor cannot be put into the container: ${given.error.message}` })
    }
    const starting = state === 'running' ? Promise.resolve(ok(undefined)) : client.start(id)
    this.#starting = starting
    if (state === 'running') void life.look()
    if (transport === 'exec') void starting.then(({ ok: runs }) => runs && openExecTransport(this.#context, id, this.#expectation, life))

    const report = await waitForReport({ expectation: this.#expectation, life, starting, clock: this.#context.clock, impatient: probing, adopting: this.#adopting, signal: this.#options.signal })
    switch (report.kind) {
      case 'reported':
        transports.proven(transport)
        return ok({ id, image: this.#image, life, expectation: this.#expectation, session: report.session })
      case 'aborted':
        return this.#giveUp({ kind: 'aborted' })
      case 'silent':
        await this.#giveUp({ kind: 'died', message: 'its supervisor does not report in' })
        return 'no-mounts'
      case 'died': {
        const message = describeDeath(await life.death)
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
        return probing && speaksOfMounts(report.error) ? 'no-mounts' : error
      }
    }
  }

  async #obtain(transport: Transport): ReturnType<typeof obtainContainer> {
    const home = transport === 'socket' ? await this.#openHome() : undefined
    const body = containerBody(this.#spec, {
      installation: this.#context.installation,
      serverKey: this.#context.rendezvous.serverKey,
      supervisorSettings: this.#context.supervisorSettings,
      image: this.#image.name,
      transport: home === undefined ? { kind: 'exec' } : { kind: 'socket', binary: this.#context.binary, home },
      selinux: this.#context.info.selinux,
      swapLimit: this.#context.info.swapLimit,
    })
    return obtainContainer(this.#context, this.#spec, this.#image, body, this.#options)
  }

  async #openHome(): Promise<string> {
    if (this.#home !== undefined) return this.#home
    this.#home = await this.#context.homes.make(this.#spec.handle)
    await this.#expectation.listenUnix(this.#home)
    return this.#home
  }

  /** Leaves nothing, except what may have run: that is for others to decide about. */
  async #giveUp(error: PrepareError, made = true): Promise<Result<never, PrepareError>> {
    this.#life?.release()
    await this.#expectation.cancel()
    if (this.#adopting) return fail(error)
    await this.#starting
    if (made && error.kind !== 'unavailable') await removeContainer(this.#context.client, this.#spec.handle)
    await this.#context.homes.remove(this.#spec.handle)
    return fail(error)
  }
}

/** A refusal to mount, or a supervisor that is not there, is how an engine elsewhere says that it does not see our folders. */
const speaksOfMounts = (error: { readonly kind: string; readonly message?: string }): boolean =>
  error.kind !== 'image-pull' && /mount|bind source|no such file or directory|not shared/i.test(error.message ?? '')
