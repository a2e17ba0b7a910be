import { text } from '../reply.ts'
import type { Handler } from '../request.ts'
import { namedTopics } from '../watch/topic.ts'

/** Between topics; a comma in a topic's own query is none. */
const between = new RegExp(`,(?=(?:${namedTopics.join('|')}|builds)(?:,|$)|(?:pipeline|job|resource|build)/|builds\\?)`)

/** A web socket; where a proxy refuses those, the same messages as an event stream. */
export const watch: Handler = ({ watch: service, seats }, { principal, address, again, query, headers }) => {
  const caller = { principal, again }
  const topics = query.get('topics')
  if (topics !== null && headers.accept?.includes('text/event-stream') !== true) return Promise.resolve(text(400, 'topics are answered as an event stream: the request must have Accept: text/event-stream'))
  const taken = (): (() => void) | undefined => seats.take(principal.kind === 'user' ? { kind: 'principal', of: String(principal.token.ownerId) } : { kind: 'address', of: address })
  if (topics === null) return Promise.resolve({ kind: 'upgrade', accept: (socket) => seated(taken(), () => socket.close(1013, 'too many pages are open'), () => service.socket(socket, caller)) })
  const free = taken()
  if (free === undefined) return Promise.resolve(text(503, 'too many pages are open; try again when some have been closed'))
  return Promise.resolve({ kind: 'stream', write: (response) => service.stream(response, caller, topics.split(between)).finally(free) })
}

/** A socket takes its seat when it is one: a request without an upgrade is refused after the handler has answered. */
async function seated(free: (() => void) | undefined, refuse: () => void, follow: () => Promise<void>): Promise<void> {
  if (free === undefined) return refuse()
  await follow().finally(free)
}
