import { SseReader } from './sse.ts'
import type { Line, LineEvents, Wanted } from './watch.ts'

/**
 * The same messages as server-sent events, where a proxy refuses WebSockets. The server numbers the topics by their place in the
 * query, from 0; `sub` is put back, so that the reader sees no difference. A build's events do not come this way: who reads them
 * asks /api/v1/builds/ID/events, as fly does.
 */
export function openByFetch(path: string, topics: readonly Wanted[], events: LineEvents): Line {
  const stop = new AbortController()
  const query = topics.map(({ topic }) => encodeURIComponent(topic)).join(',')
  const over = (why: string | undefined): void => {
    if (!stop.signal.aborted) events.closed(why)
  }
  read(`${path}?topics=${query}`, topics, { events, signal: stop.signal }).then(over, () => over('the connection broke, or the server does not answer'))
  return { send: () => undefined, close: () => stop.abort() }
}

/** Reads to the end; says why it came. */
async function read(url: string, topics: readonly Wanted[], { events, signal }: { readonly events: LineEvents; readonly signal: AbortSignal }): Promise<string | undefined> {
  const answer = await fetch(url, { headers: { Accept: 'text/event-stream' }, credentials: 'same-origin', signal })
  if (!answer.ok || answer.body === null) return `the server answered ${answer.status}`
  events.open()
  const sse = new SseReader()
  for (const reader = answer.body.getReader(); ; ) {
    const { done, value } = await reader.read()
    if (done) return 'the server ended the connection'
    events.beat()
    for (const { data } of sse.push(value)) {
      const message = JSON.parse(data) as { readonly sub: number }
      const sub = topics[message.sub]?.sub
      if (sub !== undefined) events.text(JSON.stringify({ ...message, sub }))
    }
  }
}
