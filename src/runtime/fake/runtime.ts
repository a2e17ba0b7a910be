import { fail, ok, type Result } from '../../model/result.ts'
import type {
  Assignment, AssignmentResult, Container, ContainerCreation, ContainerInfo, ContainerLost, ContainerRecord, ContainerSpec,
  PrepareError, PrepareOptions, RecordSink, Runtime,
} from '../contract.ts'
import { scriptOf } from './script.ts'

interface Made {
  readonly spec: ContainerSpec
  state: ContainerInfo['state']
  assignment?: Assignment
  /** What it has printed so far: numbered, kept until acknowledged. */
  records: ContainerRecord[]
  acked: number
}

/** A runtime without containers: milliseconds, steered by what the step says (script.ts). It outlives an engine, as a cluster would. */
export class FakeRuntime implements Runtime {
  readonly name = 'fake'
  readonly capabilities
  readonly creations: ContainerCreation[] = []
  /** Every assignment that was started, in order. */
  readonly started: { readonly spec: ContainerSpec; readonly assignment: Assignment }[] = []
  readonly containers = new Map<string, Made>()

  constructor(capabilities: Runtime['capabilities'] = { nativeImageFetch: true }) {
    this.capabilities = capabilities
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  prepare(spec: ContainerSpec, options: PrepareOptions): Promise<Result<Container, PrepareError>> {
    return Promise.resolve(this.prepareNow(spec, options))
  }

  private prepareNow(spec: ContainerSpec, options: PrepareOptions): Result<Container, PrepareError> {
    if (options.signal.aborted) return fail({ kind: 'aborted' })
    let made = this.containers.get(spec.handle)
    if (made === undefined) {
      if (options.adopting) return fail({ kind: 'lost', message: `container ${spec.handle} is gone`, mayStillRun: false })
      const image = spec.image.kind === 'registry' ? spec.image.reference : `artifact ${spec.image.name}`
      if (image.includes('unpullable')) return fail({ kind: 'image-pull', image, message: `${image}: pull refused (fake)` })
      made = { spec, state: 'ready', records: [], acked: 0 }
      this.containers.set(spec.handle, made)
      this.creations.push({ handle: spec.handle, type: spec.type, stepName: spec.metadata.stepName, image })
    }
    return ok(this.container(made))
  }

  remove(handle: string): Promise<void> {
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
      assign: (assignment, sink, signal) => this.assign(made, assignment, sink, signal),
      prefetch: () => undefined,
      release: async ({ keep }) => {
        if (!keep) await this.remove(made.spec.handle)
        else made.state = 'ended'
      },
    }
  }

  private async assign(
    made: Made,
    assignment: Assignment,
    sink: RecordSink,
    signal: AbortSignal,
  ): Promise<Result<AssignmentResult, ContainerLost>> {
    const script = scriptOf(assignment)
    if (made.assignment === undefined) {
      made.assignment = assignment
      this.started.push({ spec: made.spec, assignment })
      made.records = script.records.map((record, index): ContainerRecord => {
        const numbered = { seq: index + 1, time: 0 }
        return 'kind' in record ? { ...numbered, ...record } : { ...numbered, kind: 'event', event: record }
      })
    }
    const unacked = made.records.filter((record) => record.seq > made.acked)
    if (unacked.length > 0) made.acked = await sink(unacked)
    if (script.lose !== undefined) return fail({ kind: 'lost', message: script.lose, mayStillRun: false })
    if (script.hang && !signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    }
    made.state = 'ended'
    const aborted = signal.aborted
    return ok({
      outcome: aborted ? { kind: 'signaled', signal: 'TERM', oom: false } : script.outcome,
      aborted,
      timedOut: script.timedOut,
      ...(script.response && { response: script.response }),
      outputs: script.outputs,
      seq: made.records.length + 1,
      settled: () => undefined,
    })
  }
}
