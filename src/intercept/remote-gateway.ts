import { readdir, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { withUnixAddress } from '../lib/unix-path.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ContainerLost, InterceptedProcess, Interception, InterceptOptions, ProcessOutcome } from '../runtime/contract.ts'
import type { InterceptGateway } from './gateway.ts'
import { socketsFolder } from './serve-gateway.ts'
import { answerSchema, messages, say, type Answer, type Request } from './wire.ts'

const pieceBytes = 64 * 1024
const goneWords = 'the process that has the container has ended'

/** Gateways of all other processes that use a data folder. */
export async function remoteGateways(data: string): Promise<InterceptGateway[]> {
  const folder = socketsFolder(data)
  const names = await readdir(folder).catch(() => [])
  const found = await Promise.all(names.map((name) => remoteGateway(folder, name)))
  return found.filter((gateway) => gateway !== undefined)
}

async function remoteGateway(folder: string, name: string): Promise<InterceptGateway | undefined> {
  const first = await dial(folder, name)
  if (first === undefined) return undefined
  first.socket.destroy()

  /** One request, one answer. */
  async function ask(request: Request): Promise<Answer> {
    const line = await dial(folder, name)
    if (line === undefined) return { type: 'refused', message: goneWords }
    await say(line.socket, request)
    const { value } = await line.answers.next()
    line.socket.destroy()
    return value ?? { type: 'refused', message: goneWords }
  }

  return {
    instance: first.instance,
    async find() {
      const answer = await ask({ type: 'find' })
      if (answer.type === 'found') return { targets: answer.targets, problems: answer.problems }
      return { targets: [], problems: answer.type === 'refused' ? [answer.message] : [] }
    },
    async remove(handle) {
      const answer = await ask({ type: 'remove', handle })
      return answer.type === 'removed' ? ok(undefined) : fail(answer.type === 'refused' ? answer.message : goneWords)
    },
    async enter(handle, process, options) {
      const line = await dial(folder, name)
      return line === undefined ? fail(goneWords) : enter(line, handle, process, options)
    },
    close: () => Promise.resolve(),
  }
}

interface Line {
  readonly socket: Socket
  readonly instance: number
  readonly answers: AsyncGenerator<Answer>
}

/** Connects to a process; undefined when it has ended. The socket that a killed process left is removed. */
async function dial(folder: string, name: string): Promise<Line | undefined> {
  const socket = await withUnixAddress(folder, name, (address) =>
    new Promise<Socket | NodeJS.ErrnoException>((resolve) => {
      const dialled = connect(address)
      dialled.once('connect', () => resolve(dialled.off('error', resolve).on('error', () => undefined)))
      dialled.once('error', resolve)
    }),
  )
  if (socket instanceof Error) {
    if (socket.code === 'ECONNREFUSED') await rm(join(folder, name), { force: true })
    return undefined
  }
  const answers = messages(socket, answerSchema)
  const { value } = await answers.next()
  return value?.type === 'hello' ? { socket, instance: value.instance, answers } : undefined
}

async function enter({ socket, answers }: Line, handle: string, process: InterceptedProcess, options: InterceptOptions): Promise<Result<Interception, string>> {
  const hangUp = (): void => void socket.destroy()
  options.signal.addEventListener('abort', hangUp, { once: true })
  if (options.signal.aborted) hangUp()
  await say(socket, { type: 'enter', handle, process })
  const { value } = await answers.next()
  if (value?.type !== 'entered') {
    socket.destroy()
    return fail(value?.type === 'refused' ? value.message : goneWords)
  }
  return ok({
    async write(data, eof = false) {
      for (let at = 0; at < data.length || (at === 0 && eof); at += pieceBytes) {
        const piece = Buffer.from(data.subarray(at, at + pieceBytes))
        await say(socket, { type: 'stdin', data: piece.toString('base64'), eof: eof && at + pieceBytes >= data.length })
      }
    },
    resize: (columns, rows) => void say(socket, { type: 'resize', columns, rows }),
    result: follow(answers, options),
  })
}

async function follow(answers: AsyncGenerator<Answer>, { onOutput, signal }: InterceptOptions): Promise<Result<ProcessOutcome, ContainerLost>> {
  for await (const answer of answers) {
    switch (answer.type) {
      case 'output':
        await onOutput(Buffer.from(answer.data, 'base64'), answer.stream)
        break
      case 'ended':
        return ok(answer.outcome)
      case 'lost':
      case 'refused':
        return fail({ kind: 'lost', message: answer.message, mayStillRun: false })
      default:
        break
    }
  }
  if (signal.aborted) return ok({ kind: 'signaled', signal: 'HUP', oom: false })
  return fail({ kind: 'lost', message: goneWords, mayStillRun: false })
}
