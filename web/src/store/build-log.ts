import { signal, type ReadonlySignal } from '@preact/signals'
import { ApiError, ask } from '../api/client.ts'
import { LogClient } from '../log/client.ts'
import { FrameReader } from '../log/frames.ts'
import { logEventOf } from '../log/events.ts'
import type { State } from '../log/protocol.ts'
import { watch } from './connection.ts'
import { readPart, type LogPlace } from './log-part.ts'
import { openWorker } from './workers.ts'

/** The log of a build while its page is open. */
export interface BuildLog {
  readonly client: LogClient
  /** Of the step that the client was told to show; undefined until the worker has read something. */
  readonly state: ReadonlySignal<State | undefined>
  /** A sentence: why there is no log, or no more of it. */
  readonly problem: ReadonlySignal<string | undefined>
  /** Reads the part of a log first that is about to be seen: what is before it may be long. */
  readonly showFirst: (place: LogPlace) => void
  readonly close: () => void
}

const eventsOf = (build: number): string => `/api/v1/builds/${build}/events`
const firstWait = 1_000
const longestWait = 30_000

/**
 * Opens the log of a build. What has happened is read at once, as one compressed answer, behind the part of it that is seen first. While the build runs its events come over the
 * page's one connection: an answer that stays open in every tab would use up what a browser opens to one server.
 */
export function openBuildLog(build: number, running: boolean, first: LogPlace | undefined): BuildLog {
  const state = signal<State | undefined>(undefined)
  const problem = signal<string | undefined>(undefined)
  let stop = (): void => undefined
  let last: number | undefined
  let resumed: (after: number) => void = () => undefined
  /** Of a build that has ended. */
  const parts = new Set<string>()
  const closed = new AbortController()
  const showFirst = async (place: LogPlace): Promise<void> => {
    if (running || parts.has(place.step) || state.value?.ended === true) return
    parts.add(place.step)
    const part = await readPart(build, place, closed.signal)
    if (part !== undefined && !closed.signal.aborted) client.part(place.step, part)
  }
  const start = (): void => {
    last = undefined
    const begun = running ? followBuild(build, told) : readEvents(build, told)
    stop = begun.stop
    resumed = begun.resumeAt
  }
  const refused = (sentence: string): void => {
    problem.value = sentence
  }
  const told: Told = { feed: (bytes) => client.feed(bytes), cut: () => client.cut(), refused }
  const client = new LogClient(
    {
      open: () => openWorker('log'),
      after(ms, call) {
        const timer = setTimeout(call, ms)
        return () => clearTimeout(timer)
      },
    },
    {
      state(now, newest) {
        state.value = now
        if (newest !== undefined && newest !== last) {
          last = newest
          resumed(newest)
        }
      },
      broken: refused,
      reload() {
        stop()
        state.value = undefined
        start()
      },
    },
  )
  if (first === undefined || running) start()
  else void showFirst(first).then(() => !closed.signal.aborted && start())
  return {
    client,
    state,
    problem,
    showFirst: (place) => void showFirst(place),
    close() {
      closed.abort()
      stop()
      client.close()
    },
  }
}

interface Told {
  readonly feed: (bytes: Uint8Array) => void
  /** The connection broke; what follows begins with a whole event. */
  readonly cut: () => void
  readonly refused: (sentence: string) => void
}

interface Begun {
  readonly stop: () => void
  /** The newest event that has been read: after a cut the server goes on behind it. */
  readonly resumeAt: (last: number) => void
}

function followBuild(build: number, { feed, cut, refused }: Told): Begun {
  let fallback: Begun | undefined
  const handle = watch.subscribe(`build/${build}/events?after=-1`, {
    set: () => undefined,
    bytes: feed,
    refused: (status) => {
      // Server-sent events of the page's connection have no events of builds: read them by themselves.
      if (status === 400) fallback = readEvents(build, { feed, cut, refused })
      else refused(sentenceOf(status))
    },
  })
  return {
    stop() {
      handle.stop()
      fallback?.stop()
    },
    resumeAt(last) {
      handle.resumeAt(`build/${build}/events?after=${last}`)
      fallback?.resumeAt(last)
    },
  }
}

/** Reads the stream of events to its end; a connection that breaks is opened again behind the newest event. */
function readEvents(build: number, { feed, cut, refused }: Told): Begun {
  const stopped = new AbortController()
  let last: number | undefined
  let wait = firstWait
  const once = async (): Promise<'ended' | 'again'> => {
    const answer = await ask(eventsOf(build), { signal: stopped.signal, headers: { Accept: 'text/event-stream', ...(last !== undefined && { 'Last-Event-ID': String(last) }) } })
    const reader = answer.body?.getReader()
    let end = ''
    for (;;) {
      const piece = await reader?.read()
      if (piece === undefined || piece.done) break
      wait = firstWait
      end = (end + new TextDecoder().decode(piece.value.subarray(-100))).slice(-100)
      feed(piece.value)
      if (/^event: end$/m.test(end)) return 'ended'
    }
    return 'again'
  }
  const run = async (): Promise<void> => {
    for (;;) {
      try {
        if ((await once()) === 'ended') return
      } catch (error) {
        if (stopped.signal.aborted) return
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) return refused(sentenceOf(error.status))
      }
      await new Promise((resolve) => setTimeout(resolve, wait))
      if (stopped.signal.aborted) return
      cut()
      wait = Math.min(longestWait, wait * 2)
    }
  }
  void run()
  return { stop: () => stopped.abort(), resumeAt: (newest) => (last = newest) }
}

function sentenceOf(status: number): string {
  switch (status) {
    case 401: return 'Log in to see the log.'
    case 403: return 'Your teams may not see the log of this build.'
    case 404: case 410: return 'The log of this build is no longer kept.'
    default: return `The server answered ${status}.`
  }
}

/** What a step's process wrote, byte by byte, as a file. */
export async function downloadLog(build: number, step: string, name: string): Promise<void> {
  const reader = new FrameReader()
  const texts: string[] = []
  const stopped = new AbortController()
  let last: number | undefined
  let end: 'none' | 'complete' | 'removed' = 'none'
  const body = (await ask(eventsOf(build), { headers: { Accept: 'text/event-stream' }, signal: stopped.signal })).body?.getReader()
  read: for (;;) {
    const piece = await body?.read()
    if (piece === undefined || piece.done) break
    for (const frame of reader.feed(piece.value)) {
      if (last !== undefined && frame.id !== undefined && frame.id > last + 1) end = 'removed'
      else if (frame.event === 'end') end = 'complete'
      if (end !== 'none') break read
      last = frame.id ?? last
      const event = logEventOf(frame)
      if (event?.kind === 'output' && event.step === step) texts.push(event.text)
    }
  }
  stopped.abort()
  // A short file would look like the whole of the log.
  if (end !== 'complete') texts.push(`\nThe rest of this log ${end === 'removed' ? 'is no longer kept' : 'could not be read'}.\n`)
  const url = URL.createObjectURL(new Blob(texts, { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
