import type { Reply } from '../reply.ts'
import type { Route } from '../request.ts'

/** Throws where a route answers what its row does not say, or JSON that is not of the schema. */
export function checkAnswer({ name, answer }: Pick<Route, 'name' | 'answer'>, reply: Reply): void {
  if (reply.kind === 'json' || reply.kind === 'kept') {
    const parsed = reply.schema.safeParse(JSON.parse(reply.kind === 'json' ? JSON.stringify(reply.value) : reply.json.bytes.toString()))
    if (!parsed.success) throw new Error(`${name} answers what is not of its schema: ${parsed.error.message}`)
  }
  const status = reply.kind === 'stream' ? 200 : reply.kind === 'upgrade' ? 101 : reply.status
  if (status >= 300 && status !== 301) return
  if (answer.kind === 'json' && ((reply.kind !== 'json' && reply.kind !== 'kept') || JSON.stringify(reply.schema) !== JSON.stringify(answer.schema))) throw new Error(`${name} answers ${reply.kind} of another schema than its row`)
  if (answer.kind === 'empty' && reply.kind !== 'empty') throw new Error(`${name} answers ${reply.kind}, its row says nothing`)
  if (answer.kind === 'media' && reply.kind !== 'stream' && (reply.kind !== 'text' || (reply.type ?? 'text/plain; charset=utf-8') !== answer.type)) throw new Error(`${name} answers another type than ${answer.type}`)
  // Where web sockets are refused, the same comes as an event stream.
  if (answer.kind === 'upgrade' && reply.kind === 'stream') return
  if (status !== answer.status && !(status === 201 && answer.kind === 'json')) throw new Error(`${name} answers ${status}, its row says ${answer.status}`)
}
