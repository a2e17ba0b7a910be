import type { RuntimeOptions } from '../src/app/options.ts'
import { messageOf } from '../src/lib/errors.ts'
import { decodePlan } from '../src/planner/plan-json.ts'
import { openServer, type BenchServer } from './server.ts'
import type { ServerAnswer, ServerCall, ServerRequest } from './server-process.ts'

const answer = (message: ServerAnswer) => void process.send?.(message)

try {
  const server = await openServer({ runtime: JSON.parse(process.argv[2] ?? '') as RuntimeOptions })
  process.on('message', ({ id, request }: ServerRequest) => {
    obey(server, request).then(
      (value) => answer({ id, value: value ?? null }),
      (error: unknown) => answer({ id, error: messageOf(error) }),
    )
  })
  // Whoever started it is gone: so are its builds.
  process.once('disconnect', () => void server.close())
  // Ctrl-C at a terminal goes to everybody there: this process ends with the other one.
  process.on('SIGINT', () => undefined)
  answer({ id: 0, value: null })
} catch (error) {
  answer({ id: 0, error: messageOf(error) })
  process.disconnect()
}

async function obey(server: BenchServer, request: ServerCall): Promise<unknown> {
  switch (request.call) {
    case 'create': {
      const plan = decodePlan(request.plan as never)
      if (!plan.ok) throw new Error(plan.error)
      return server.create(plan.value)
    }
    case 'run':
      return server.run(request.buildId)
    case 'quiet':
      return server.quiet()
    case 'close':
      await server.close()
      process.removeAllListeners('disconnect')
      // With the answer on its way there is nothing left to live for.
      setImmediate(() => process.disconnect())
  }
}
