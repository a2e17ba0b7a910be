import { fail, ok, type Result } from '../../model/result.ts'
import type { ContainerLost, InterceptedProcess, Interception, InterceptOptions, ProcessOutcome } from '../contract.ts'

/**
 * A session in a fake container. It prints its command, and then what is typed. The line `exit N` ends it with that status, and `size`
 * prints the terminal's size. A path that ends in `missing` does not exist.
 */
export class FakeInterception implements Interception {
  readonly result: Promise<Result<ProcessOutcome, ContainerLost>>
  private readonly options: InterceptOptions
  private readonly end: (result: Result<ProcessOutcome, ContainerLost>) => void
  private size: string
  private said: Promise<void> = Promise.resolve()
  private typed = ''

  constructor({ path, args, tty }: InterceptedProcess, options: InterceptOptions) {
    this.options = options
    this.size = tty === undefined ? 'none' : `${tty.columns}x${tty.rows}`
    const { promise, resolve } = Promise.withResolvers<Result<ProcessOutcome, ContainerLost>>()
    this.result = promise.then(async (result) => {
      await this.said
      return result
    })
    this.end = resolve
    options.signal.addEventListener('abort', () => this.end(ok({ kind: 'signaled', signal: 'HUP', oom: false })), { once: true })
    if (path.endsWith('missing')) this.end(ok({ kind: 'error', reason: 'executable-not-found', message: `${path}: not found (fake)` }))
    else this.say(`${[path, ...args].join(' ')}\n`)
  }

  async write(data: Uint8Array, eof = false): Promise<void> {
    this.typed += Buffer.from(data).toString()
    const lines = this.typed.split('\n')
    this.typed = lines.pop() ?? ''
    for (const line of lines) {
      const status = /^exit (\d+)$/.exec(line)?.[1]
      if (status !== undefined) return this.end(ok({ kind: 'exited', status: Number(status) }))
      this.say(`${line === 'size' ? this.size : line}\n`)
    }
    if (eof) this.end(ok({ kind: 'exited', status: 0 }))
    await this.said
  }

  resize(columns: number, rows: number): void {
    this.size = `${columns}x${rows}`
  }

  /** Ends the session because its container was removed. */
  lose(message: string): void {
    this.end(fail({ kind: 'lost', message, mayStillRun: false }))
  }

  private say(text: string): void {
    this.said = this.said.then(async () => this.options.onOutput(Buffer.from(text), 'stdout'))
  }
}
