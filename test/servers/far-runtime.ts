import type { ChildProcess } from 'node:child_process'
import { ok, type Result } from '../../src/model/result.ts'
import type {
  AssignmentResult, AttachError, Container, ContainerInfo, ContainerLost, InterceptedProcess, Interception, InterceptOptions, PrepareError, ProcessOutcome, RecordSink, Runtime,
} from '../../src/runtime/contract.ts'
import type { FakeRuntime } from '../../src/runtime/fake/runtime.ts'
import { answerCalls, type Caller } from './link.ts'

type Plain = { readonly handle: string; readonly host: string }

/** The fake runtime of another process, which outlives the one that uses it, as a cluster does. */
export function farRuntime(caller: Caller): Runtime {
  const call = <T>(method: string, ...args: readonly unknown[]): Promise<T> => caller.call(method, args).result as Promise<T>
  const container = ({ handle, host }: Plain): Container => ({
    handle,
    host,
    async assign(assignment, sink, signal) {
      const result = (await caller.call('assign', [handle, assignment], { signal, onBack: sink as RecordSink as never }).result) as Result<Omit<AssignmentResult, 'settled'>, ContainerLost>
      return result.ok ? ok({ ...result.value, settled: () => undefined }) : result
    },
    intercept(process, { onOutput, signal }) {
      const { id, result } = caller.call('intercept', [handle, process], { signal, onBack: onOutput as InterceptOptions['onOutput'] as never })
      const interception: Interception = {
        write: (data, eof) => call('write', id, data, eof),
        resize: (columns, rows) => void call('resize', id, columns, rows),
        result: result as Promise<Result<ProcessOutcome, ContainerLost>>,
      }
      return interception
    },
    imageFound: () => Promise.resolve(undefined),
    prefetch: () => undefined,
    release: (options) => call('release', handle, options),
  })
  return {
    name: 'fake',
    capabilities: { nativeImageFetch: true },
    creations: [],
    async prepare(spec, { signal, onReason, ...rest }) {
      const made = (await caller.call('prepare', [spec, rest], { signal, onBack: onReason as never }).result) as Result<Plain, PrepareError>
      return made.ok ? ok(container(made.value)) : made
    },
    async attach(handle) {
      const found = await call<Result<Plain, AttachError>>('attach', handle)
      return found.ok ? ok(container(found.value)) : found
    },
    remove: (handle) => call('remove', handle),
    list: () => call<readonly ContainerInfo[]>('list'),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  }
}

/** Lets a forked process use the runtime. */
export function lend(runtime: FakeRuntime, child: ChildProcess): void {
  /** From the call on: what is written comes at once, and would be lost if the session were not known yet. */
  const sessions = new Map<number, Promise<Interception>>()
  const plain = ({ handle, host }: Container): Plain => ({ handle, host })
  const found = async (handle: string): Promise<Container> => {
    const attached = await runtime.attach(handle)
    if (!attached.ok) throw new Error(attached.error.message)
    return attached.value
  }
  answerCalls(child, async (method, args, { id, signal, back }) => {
    const [first, second, third] = args
    switch (method) {
      case 'prepare': {
        const made = await runtime.prepare(first as never, { ...(second as unknown as object), signal, onReason: (reason) => void back(reason) })
        return made.ok ? ok(plain(made.value)) : made
      }
      case 'attach': {
        const attached = await runtime.attach(first as never)
        return attached.ok ? ok(plain(attached.value)) : attached
      }
      case 'assign': {
        const result = await (await found(first as never)).assign(second as never, (records) => back(records) as Promise<number>, signal)
        if (!result.ok) return result
        const { settled: _settled, ...rest } = result.value
        return ok(rest)
      }
      case 'intercept': {
        const session = found(first as never).then((container) => container.intercept(second as unknown as InterceptedProcess, { onOutput: (data, stream) => back(data, stream) as Promise<void>, signal }))
        sessions.set(id, session)
        return (await session).result
      }
      case 'write':
        return (await sessions.get(first as never))?.write(second as never, third as never)
      case 'resize':
        return (await sessions.get(first as never))?.resize(second as never, third as never)
      case 'release':
        return (await found(first as never)).release(second as never)
      case 'remove':
        return runtime.remove(first as never)
      case 'list':
        return runtime.list()
      default:
        throw new Error(`no call ${method}`)
    }
  })
}
