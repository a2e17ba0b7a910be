import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { Result } from '../../model/result.ts'
import type { Assignment, AssignmentResult, Container, ContainerLost, ContainerRecord, ContainerSpec, PrepareError, PrepareOptions, SupervisorEvent } from '../contract.ts'
import type { ConformanceHarness } from './harness.ts'
import { tarOf, treeOf, type Tree } from './tree.ts'

type Process = Assignment['process']
type Changes = Partial<Omit<Assignment, 'process'>> & { readonly process?: Partial<Process> }

/** The tools of one case. The containers that it prepares are removed after it. */
export interface Kit {
  readonly harness: ConformanceHarness
  readonly spec: (changes?: Partial<ContainerSpec>) => ContainerSpec
  /** Prepares and expects success. */
  readonly prepare: (spec?: ContainerSpec, options?: Partial<PrepareOptions>) => Promise<Container>
  /** Prepares, and may fail. */
  readonly tryPrepare: (spec: ContainerSpec, options?: Partial<PrepareOptions>) => Promise<Result<Container, PrepareError>>
  /** An assignment that runs a shell script. */
  readonly assignment: (script: string, changes?: Changes) => Assignment
  /** Gives a container an assignment. */
  readonly start: (container: Container, assignment: Assignment, signal?: AbortSignal, collected?: Collected) => Run
  /** Runs a shell script to its end in a new container. */
  readonly run: (script: string, changes?: Changes, spec?: Partial<ContainerSpec>) => Promise<Finished>
  readonly store: (tree: Tree) => Promise<ArtifactRef>
  /** The tree of an output or cache. */
  readonly output: (result: AssignmentResult, name: string) => Promise<Tree>
}

/** An assignment under way. */
interface Run {
  readonly collected: Collected
  readonly ended: Promise<Result<AssignmentResult, ContainerLost>>
  /** Waits for the result; the container must not be lost. */
  result(): Promise<AssignmentResult>
}

interface Finished extends Collected {
  readonly result: AssignmentResult
}

/** All that an assignment has delivered, also over restarts of the server. */
interface Collected {
  readonly records: ContainerRecord[]
  readonly stdout: string
  readonly stderr: string
  readonly output: Buffer
  readonly events: readonly SupervisorEvent[]
  /** Highest sequence number that was durable. */
  readonly acked: number
  take(records: readonly ContainerRecord[]): Promise<number>
  /** Resolves as soon as stdout and stderr, taken together, match. */
  until(pattern: RegExp): Promise<void>
}

function collect(): Collected {
  const records: ContainerRecord[] = []
  const waiting = new Set<() => void>()
  const bytes = (...kinds: readonly string[]): Buffer => Buffer.concat(records.flatMap((record) => (record.kind !== 'event' && kinds.includes(record.kind) ? [record.data] : [])))
  let acked = 0
  const collected: Collected = {
    records,
    get stdout() {
      return bytes('stdout').toString()
    },
    get stderr() {
      return bytes('stderr').toString()
    },
    get output() {
      return bytes('stdout', 'stderr')
    },
    get events() {
      return records.flatMap((record) => (record.kind === 'event' ? [record.event] : []))
    },
    get acked() {
      return acked
    },
    async take(batch) {
      for (const record of batch) {
        expect(record.seq, 'records come once and in order').toBeGreaterThan(acked)
        records.push(record)
        acked = record.seq
      }
      for (const wake of waiting) wake()
      return acked
    },
    until: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!pattern.test(collected.output.toString())) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
  return collected
}

const shell = (text: string): Pick<Process, 'path' | 'args'> => ({ path: '/bin/sh', args: ['-c', text] })

const unique = (): string => randomBytes(5).toString('hex')

export function createKit(harness: ConformanceHarness): Kit & { readonly clean: () => Promise<void> } {
  const handles = new Set<string>()
  const kit: Kit & { readonly clean: () => Promise<void> } = {
    harness,
    spec: (changes = {}) => ({
      handle: `conformance-${unique()}`,
      type: 'task',
      image: harness.images.busybox,
      architectures: [],
      privileged: false,
      limits: {},
      metadata: { team: 'main', pipeline: 'conformance', job: 'job', buildId: 7, buildName: '7', planId: 'plan', stepName: 'step' },
      guess: false,
      ...changes,
    }),
    tryPrepare(spec, options = {}) {
      handles.add(spec.handle)
      return harness.runtime.prepare(spec, { signal: new AbortController().signal, onReason: () => undefined, ...options })
    },
    async prepare(spec = kit.spec(), options = {}) {
      const container = await kit.tryPrepare(spec, options)
      if (!container.ok) throw new Error(`not prepared: ${JSON.stringify(container.error)}`)
      return container.value
    },
    assignment: (script, { process = {}, ...changes } = {}) => ({
      id: unique(),
      process: { ...(harness.script ?? shell)(script), env: ['PATH=/usr/local/bin:/usr/bin:/bin'], dir: '/tmp/build/work', user: 'root', ...process },
      stdout: 'log',
      inputs: [],
      outputs: [],
      caches: [],
      chown: true,
      ...changes,
    }),
    start(container, assignment, signal = new AbortController().signal, collected = collect()) {
      const ended = container.assign(assignment, (records) => collected.take(records), signal)
      return {
        collected,
        ended,
        async result() {
          const result = await ended
          if (!result.ok) throw new Error(`lost: ${result.error.message}`)
          result.value.settled()
          return result.value
        },
      }
    },
    async run(script, changes, spec) {
      const run = kit.start(await kit.prepare(kit.spec(spec)), kit.assignment(script, changes))
      const result = await run.result()
      return Object.assign(Object.create(run.collected) as Collected, { result })
    },
    store: async (tree) => harness.artifacts.put(await tarOf(tree)),
    async output(result, name) {
      const output = result.outputs.find((candidate) => candidate.name === name)
      if (output === undefined || !('artifact' in output)) throw new Error(`no output ${name}: ${JSON.stringify(result.outputs)}`)
      return treeOf(await harness.artifacts.get(output.artifact))
    },
    async clean() {
      await Promise.all([...handles].map((handle) => harness.runtime.remove(handle)))
    },
  }
  return kit
}
