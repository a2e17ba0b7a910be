import { createHash } from 'node:crypto'
import type { ArtifactRef } from '../../model/artifact.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type {
  AttachError, Assignment, Container, ContainerCreation, ContainerInfo, ContainerSpec, ImagePull, PrepareError, PrepareOptions, Runtime,
} from '../contract.ts'
import { FakeInterception } from './interception.ts'
import { FakeProcess } from './process.ts'

interface Made {
  readonly spec: ContainerSpec
  readonly pull: ImagePull | undefined
  state: ContainerInfo['state']
  process?: FakeProcess
  readonly sessions: Set<FakeInterception>
}

/** A runtime without containers, for tests: steps take milliseconds and do what their script says (script.ts). Like a cluster, it outlives an engine. */
export class FakeRuntime implements Runtime {
  readonly name = 'fake'
  readonly capabilities
  readonly creations: ContainerCreation[] = []
  /** Every assignment that was started, in order. */
  readonly started: { readonly spec: ContainerSpec; readonly assignment: Assignment }[] = []
  readonly containers = new Map<string, Made>()
  /** Called before a container is created. It may wait, and may refuse. */
  beforeCreate: (spec: ContainerSpec, signal: AbortSignal, onReason: PrepareOptions['onReason']) => Promise<PrepareError | undefined> = () => Promise.resolve(undefined)
  /** How the image of a created container was pulled; undefined: not known. */
  imagePull: (spec: ContainerSpec) => ImagePull | undefined = () => undefined
  /** What outputs of these names are; others are artifacts that no store has. */
  readonly outputs = new Map<string, ArtifactRef>()
  private readonly gates = new Map<string, PromiseWithResolvers<void>>()

  constructor(capabilities: Runtime['capabilities'] = { nativeImageFetch: true }) {
    this.capabilities = capabilities
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  /** Releases the processes that are held under this name. */
  let(name: string): void {
    this.gate(name).resolve()
  }

  async prepare(spec: ContainerSpec, options: PrepareOptions): Promise<Result<Container, PrepareError>> {
    if (options.signal.aborted && options.adopting !== true) return fail({ kind: 'aborted' })
    const refused = this.containers.has(spec.handle) ? undefined : await this.beforeCreate(spec, options.signal, options.onReason)
    if (refused !== undefined) return fail(refused)
    if (options.signal.aborted && options.adopting !== true) return fail({ kind: 'aborted' })
    let made = this.containers.get(spec.handle)
    if (made === undefined) {
      if (options.adopting) return fail({ kind: 'lost', message: `container ${spec.handle} is gone`, mayStillRun: false })
      const image = spec.image.kind === 'registry' ? spec.image.reference : `artifact ${spec.image.name}`
      if (image.includes('unpullable')) return fail({ kind: 'image-pull', image, message: `${image}: pull refused (fake)` })
      made = { spec, pull: this.imagePull(spec), state: 'ready', sessions: new Set() }
      this.containers.set(spec.handle, made)
      this.creations.push({ handle: spec.handle, type: spec.type, stepName: spec.metadata.stepName, image })
    }
    if (options.adopting === true && made.process?.deaf === true) {
      await new Promise((resolve) => options.signal.addEventListener('abort', resolve, { once: true }))
      return fail({ kind: 'aborted' })
    }
    return ok(this.container(made))
  }

  attach(handle: string): Promise<Result<Container, AttachError>> {
    const made = this.containers.get(handle)
    return Promise.resolve(made === undefined ? fail({ kind: 'ended', message: `container ${handle} is gone` }) : ok(this.container(made)))
  }

  remove(handle: string): Promise<void> {
    for (const session of this.containers.get(handle)?.sessions ?? []) session.lose(`container ${handle} was removed`)
    this.containers.delete(handle)
    return Promise.resolve()
  }

  list(): Promise<readonly ContainerInfo[]> {
    return Promise.resolve(
      [...this.containers.values()].map(({ spec, state }) => ({
        handle: spec.handle, metadata: spec.metadata, type: spec.type, guess: spec.guess, state,
      })),
    )
  }

  private container(made: Made): Container {
    return {
      handle: made.spec.handle,
      host: 'fake',
      ...(made.pull && { imagePull: made.pull }),
      assign: async (assignment, sink, signal) => {
        if (made.process?.assignment.id !== assignment.id) made.process = this.startProcess(made, assignment)
        const ended = await made.process.deliver(sink, signal)
        if (typeof ended === 'string') made.state = 'ended'
        return typeof ended === 'string' ? fail({ kind: 'lost', message: ended, mayStillRun: false }) : ok(ended)
      },
      // The digest of any image is the hash of its name.
      imageFound: () => {
        const { image } = made.spec
        return Promise.resolve(image.kind === 'registry' ? `fake@sha256:${createHash('sha256').update(image.reference).digest('hex')}` : undefined)
      },
      intercept: (process, options) => {
        const session = new FakeInterception(process, options)
        made.sessions.add(session)
        return session
      },
      prefetch: () => undefined,
      release: async ({ keep }) => {
        if (keep === false) await this.remove(made.spec.handle)
      },
    }
  }

  private startProcess(made: Made, assignment: Assignment): FakeProcess {
    this.started.push({ spec: made.spec, assignment })
    return new FakeProcess(assignment, made.process?.lastSeq ?? 0, (name) => this.gate(name).promise, this.outputs)
  }

  private gate(name: string): PromiseWithResolvers<void> {
    const gate = this.gates.get(name) ?? Promise.withResolvers<void>()
    this.gates.set(name, gate)
    return gate
  }
}
