import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { RuntimeOptions } from '../src/app/options.ts'
import { encodePlan } from '../src/planner/plan-json.ts'
import { openServers, type BenchServer, type BuildRun } from './server.ts'

/** What the other process is asked: one call of its server. */
export type ServerCall =
  | { readonly call: 'create'; readonly plan: unknown }
  | { readonly call: 'run'; readonly buildId: number }
  | { readonly call: 'quiet' }
  | { readonly call: 'close' }

export interface ServerRequest {
  readonly id: number
  readonly request: ServerCall
}

/** The first one, with id 0, says that the server is open. */
export type ServerAnswer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string })

export interface ServerProcess extends BenchServer {
  readonly pid: number
}

/** A server in a process that does nothing else: its memory is the server's. */
export async function startServerProcess({ runtime }: { readonly runtime: RuntimeOptions }): Promise<ServerProcess> {
  const child = fork(join(import.meta.dirname, 'server-main.ts'), [JSON.stringify(runtime)], { execArgv: ['--max-semi-space-size=2', '--disable-warning=ExperimentalWarning'] })
  const answers = new Map<number, PromiseWithResolvers<unknown>>()
  const expectAnswer = (id: number): Promise<unknown> => {
    const answer = Promise.withResolvers<unknown>()
    answers.set(id, answer)
    return answer.promise
  }
  child.on('message', (message: ServerAnswer) => {
    const answer = answers.get(message.id)
    answers.delete(message.id)
    if ('error' in message) answer?.reject(new Error(message.error))
    else answer?.resolve(message.value)
  })
  child.once('exit', (code, signal) => {
    for (const { reject } of answers.values()) reject(new Error(`the server's process ended with ${signal ?? code}`))
  })
  await expectAnswer(0)
  let calls = 0
  const ask = (request: ServerCall): Promise<unknown> => {
    calls += 1
    child.send({ id: calls, request } satisfies ServerRequest)
    return expectAnswer(calls)
  }
  const server: ServerProcess = {
    pid: child.pid ?? 0,
    create: async (plan) => (await ask({ call: 'create', plan: encodePlan(plan) })) as number,
    run: async (buildId) => (await ask({ call: 'run', buildId })) as BuildRun,
    quiet: async () => void (await ask({ call: 'quiet' })),
    async close() {
      openServers.delete(server)
      await ask({ call: 'close' })
      await ended(child)
    },
  }
  openServers.add(server)
  return server
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
