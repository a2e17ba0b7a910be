import { Agent, get } from 'node:http'

export interface WatchOrder {
  readonly url: string
  readonly watchers: number
}

export interface WatchedSeries {
  /** From when a line was made until it was here, ms; of every tenth line of the watcher that takes no gzip. */
  readonly lags: readonly number[]
  readonly lines: number
  readonly seconds: number
}

// Watches a server as many clients, and tells its parent when all streams have ended.
const { url, watchers } = JSON.parse(process.argv[2] ?? '') as WatchOrder
const agent = new Agent({ maxSockets: Infinity })
const lags: number[] = []
let [lines, open, rest] = [0, watchers + 1, '']
const began = performance.now()

for (let index = 0; index <= watchers; index += 1) {
  const plain = index === watchers
  get(url, { agent, headers: plain ? {} : { 'accept-encoding': 'gzip' } }, (response) => {
    response.on('data', (bytes: Buffer) => {
      if (plain) look(bytes)
    })
    response.on('error', () => undefined)
    response.on('close', () => {
      open -= 1
      if (open === 0) process.send?.({ lags, lines, seconds: (performance.now() - began) / 1000 } satisfies WatchedSeries, () => process.exit(0))
    })
  })
}

function look(bytes: Buffer): void {
  const frames = (rest + bytes.toString('utf8')).split('\n\n')
  rest = frames.pop() ?? ''
  const now = Date.now()
  for (const frame of frames) {
    const made = /"time":(\d+)/.exec(frame)?.[1]
    if (made === undefined) continue
    if (lines % 10 === 0) lags.push(now - Number(made))
    lines += 1
  }
}
