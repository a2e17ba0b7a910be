import { closeText } from './close-text.ts'
import type { Line, Surroundings } from './watch.ts'

const path = '/api/v1/watch'

/** The browser that the page runs in. */
export const browserSurroundings: Surroundings = {
  openSocket(events) {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`, 'airside.watch.1')
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => events.open())
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => (typeof data === 'string' ? events.text(data) : events.binary(new Uint8Array(data))))
    socket.addEventListener('close', ({ code }) => events.closed(closeText(code)))
    return { send: (message) => socket.send(message), close: () => socket.close() }
  },
  // Loaded when it is first needed: most tabs have a WebSocket.
  openStream(topics, events) {
    let line: Line | undefined
    let closed = false
    import('./watch-by-fetch.ts').then(
      ({ openByFetch }) => {
        if (!closed) line = openByFetch(path, topics, events)
      },
      () => closed || events.closed(closeText(1006)),
    )
    return {
      send: () => undefined,
      close() {
        closed = true
        line?.close()
      },
    }
  },
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
  visible: () => document.visibilityState === 'visible',
  onWake(call) {
    document.addEventListener('visibilitychange', call)
    addEventListener('online', call)
  },
}
