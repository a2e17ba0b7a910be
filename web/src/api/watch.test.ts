import { describe, expect, test } from 'vitest'
import { silentMs, Watch, type LineEvents, type Wanted } from './watch.ts'

/** A browser that a test moves: connections that it opens and cuts, time that it lets pass. */
function fakeBrowser() {
  const lines: { kind: 'socket' | 'stream'; topics: readonly Wanted[]; events: LineEvents; sent: unknown[]; closed: boolean }[] = []
  const timers: { at: number; call: () => void; gone: boolean }[] = []
  const browser = {
    lines,
    time: 0,
    shown: true,
    wake: (): void => undefined,
    live: [] as boolean[],
    why: undefined as string | undefined,
    get last() {
      const line = lines.at(-1)
      if (line === undefined) throw new Error('no connection was opened')
      return line
    },
    /** Lets time pass until the next timer; answers how long that was. */
    pass(): number {
      const next = timers.filter(({ gone }) => !gone).toSorted((a, b) => a.at - b.at)[0]
      if (next === undefined) throw new Error('nothing waits')
      const waited = next.at - browser.time
      browser.time = next.at
      next.gone = true
      next.call()
      return waited
    },
    waiting: () => timers.filter(({ gone }) => !gone).length,
  }
  const open = (kind: 'socket' | 'stream', topics: readonly Wanted[], events: LineEvents) => {
    const line = { kind, topics, events, sent: [] as unknown[], closed: false }
    lines.push(line)
    return { send: (message: string) => void line.sent.push(JSON.parse(message)), close: () => void (line.closed = true) }
  }
  const watch = new Watch(
    {
      openSocket: (events) => open('socket', [], events),
      openStream: (topics, events) => open('stream', topics, events),
      now: () => browser.time,
      after(ms, call) {
        const timer = { at: browser.time + ms, call, gone: false }
        timers.push(timer)
        return () => void (timer.gone = true)
      },
      random: () => 0.5,
      visible: () => browser.shown,
      onWake: (call) => void (browser.wake = call),
    },
    (live, why) => {
      browser.live.push(live)
      browser.why = why
    },
  )
  return { browser, watch }
}

function reader() {
  const read: unknown[] = []
  return {
    read,
    set: (value: unknown) => void read.push(['set', value]),
    patch: (items: readonly unknown[]) => void read.push(['patch', items]),
    bytes: (chunk: Uint8Array) => void read.push(['bytes', new TextDecoder().decode(chunk)]),
    refused: (status: number) => void read.push(['refused', status]),
  }
}

const say = (value: object): string => JSON.stringify(value)

describe('the watched connection', () => {
  test('one socket carries every topic, and messages reach their readers alone', () => {
    const { browser, watch } = fakeBrowser()
    const [a, b] = [reader(), reader()]
    watch.subscribe('dashboard', a)
    watch.subscribe('me', b)
    expect(browser.lines.length).toBe(1)
    browser.last.events.open()
    expect(browser.last.sent).toEqual([{ sub: 1, topic: 'dashboard' }, { sub: 2, topic: 'me' }])
    browser.last.events.text(say({ sub: 1, rev: 'x', set: [1] }))
    browser.last.events.text(say({ sub: 1, rev: 'y', patch: [{ id: 1 }] }))
    browser.last.events.text(say({ sub: 2, error: 403 }))
    browser.last.events.text('nonsense')
    browser.last.events.text(say({ sub: 9, rev: 'y', set: [] }))
    expect(a.read).toEqual([['set', [1]], ['patch', [{ id: 1 }]]])
    expect(b.read).toEqual([['refused', 403]])
  })

  test('a topic that is begun later is asked for at once, and one that ends is given up', () => {
    const { browser, watch } = fakeBrowser()
    watch.subscribe('dashboard', reader())
    browser.last.events.open()
    const handle = watch.subscribe('job/3', reader())
    handle.stop()
    expect(browser.last.sent.slice(1)).toEqual([{ sub: 2, topic: 'job/3' }, { unsub: 2 }])
  })

  test('after a cut it comes back, goes on at the revision it has, and waits longer each time up to 30 s', () => {
    const { browser, watch } = fakeBrowser()
    const events = watch.subscribe('build/7/events?after=0', reader())
    watch.subscribe('dashboard', reader())
    browser.last.events.open()
    browser.last.events.text(say({ sub: 2, rev: 'r7', set: [] }))
    events.resumeAt('build/7/events?after=41')
    browser.last.events.closed()
    expect(browser.live).toEqual([true, false])
    expect(browser.pass()).toBe(500)
    browser.last.events.open()
    expect(browser.last.sent).toEqual([{ sub: 1, topic: 'build/7/events?after=41' }, { sub: 2, topic: 'dashboard', rev: 'r7' }])
    expect(browser.live).toEqual([true, false, true])
    // It is open, and says nothing: the next waits are longer all the same.
    const waits = Array.from({ length: 9 }, () => {
      browser.last.events.closed()
      const waited = browser.pass()
      browser.last.events.open()
      return waited
    })
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000])
    browser.last.events.text(say({ sub: 2, rev: 'r8', set: [] }))
    browser.last.events.closed()
    expect(browser.pass()).toBe(500)
  })

  test('what an old connection still says is ignored', () => {
    const { browser, watch } = fakeBrowser()
    const a = reader()
    watch.subscribe('dashboard', a)
    const first = browser.last
    first.events.open()
    watch.restart()
    expect(first.closed).toBe(true)
    first.events.text(say({ sub: 1, rev: 'x', set: ['old'] }))
    first.events.closed()
    browser.last.events.open()
    expect(browser.last.sent).toEqual([{ sub: 1, topic: 'dashboard' }])
    expect(a.read).toEqual([])
    // It looks whether the new one says anything.
    expect(browser.waiting()).toBe(1)
  })

  test('bytes of a feed come without their number, as they were', () => {
    const { browser, watch } = fakeBrowser()
    const a = reader()
    watch.subscribe('build/7/events?after=0', a)
    browser.last.events.open()
    browser.last.events.binary(new Uint8Array([9, 9, 0, 0, 0, 1, 104, 105]).subarray(2))
    browser.last.events.binary(new Uint8Array([0, 0, 0, 8, 104]))
    browser.last.events.binary(new Uint8Array([0, 0]))
    expect(a.read).toEqual([['bytes', 'hi']])
  })

  test('two refused sockets lead to a stream, which names all topics and goes while the tab is hidden', async () => {
    const { browser, watch } = fakeBrowser()
    const a = reader()
    watch.subscribe('dashboard', a)
    browser.last.events.closed()
    browser.pass()
    browser.last.events.closed()
    browser.pass()
    expect(browser.last.kind).toBe('stream')
    expect(browser.last.topics).toEqual([{ sub: 1, topic: 'dashboard' }])
    browser.last.events.open()
    browser.last.events.text(say({ sub: 1, rev: 'x', set: [1] }))
    expect(a.read).toEqual([['set', [1]]])
    watch.subscribe('me', reader())
    watch.subscribe('job/1', reader())
    const count = browser.lines.length
    await Promise.resolve()
    expect(browser.lines.length).toBe(count + 1)
    expect(browser.last.topics.map(({ topic }) => topic)).toEqual(['dashboard', 'me', 'job/1'])
    browser.shown = false
    browser.wake()
    expect(browser.last.closed).toBe(true)
    expect(browser.waiting()).toBe(0)
    browser.shown = true
    browser.wake()
    expect(browser.last).toMatchObject({ kind: 'stream', closed: false })
  })

  test('when a stream cannot be opened either the server is away: sockets are tried again', () => {
    const { browser, watch } = fakeBrowser()
    watch.subscribe('dashboard', reader())
    const kinds = Array.from({ length: 6 }, () => {
      browser.last.events.closed()
      browser.pass()
      return browser.last.kind
    })
    expect(kinds).toEqual(['socket', 'stream', 'socket', 'socket', 'stream', 'socket'])
  })

  test('where a socket was open before, a server that is away is asked for sockets alone', () => {
    const { browser, watch } = fakeBrowser()
    watch.subscribe('dashboard', reader())
    browser.last.events.open()
    const kinds = Array.from({ length: 4 }, () => {
      browser.last.events.closed()
      browser.pass()
      return browser.last.kind
    })
    expect(kinds).toEqual(['socket', 'socket', 'socket', 'socket'])
  })

  test('the network’s return ends the wait', () => {
    const { browser, watch } = fakeBrowser()
    watch.subscribe('dashboard', reader())
    browser.last.events.open()
    browser.last.events.closed()
    browser.wake()
    expect(browser.lines.length).toBe(2)
    expect(browser.waiting()).toBe(1)
  })

  test('a connection that says nothing for a minute and a half is made again, and told why', () => {
    const { browser, watch } = fakeBrowser()
    watch.subscribe('dashboard', reader())
    browser.last.events.open()
    const first = browser.last
    while (!first.closed) browser.pass()
    expect(browser.time).toBe(silentMs)
    expect(browser.live).toEqual([true, false])
    expect(browser.why).toBe('nothing came from the server for a minute and a half')
    browser.pass()
    expect(browser.lines.length).toBe(2)
    browser.last.events.open()
    expect(browser.live).toEqual([true, false, true])
  })

  test.each([
    ['a message', (events: LineEvents) => events.text('{}')],
    ['bytes', (events: LineEvents) => events.binary(new Uint8Array(2))],
    ['a beat', (events: LineEvents) => events.beat()],
  ])('a connection on which %s comes stays', (_, says) => {
    const { browser, watch } = fakeBrowser()
    watch.subscribe('dashboard', reader())
    browser.last.events.open()
    while (browser.time < 10 * silentMs) {
      browser.pass()
      if (browser.time % 60_000 === 0) says(browser.last.events)
    }
    expect(browser.lines.length).toBe(1)
  })

  test('a machine that slept finds out when its page is shown again, without waiting', () => {
    const { browser, watch } = fakeBrowser()
    watch.subscribe('dashboard', reader())
    browser.last.events.open()
    const first = browser.last
    browser.time += 3_600_000
    browser.wake()
    expect(first.closed).toBe(true)
    expect(browser.live).toEqual([true, false])
  })

  test('why a connection was closed is told', () => {
    const { browser, watch } = fakeBrowser()
    watch.subscribe('dashboard', reader())
    browser.last.events.open()
    browser.last.events.closed('the server stops or starts again')
    expect(browser.why).toBe('the server stops or starts again')
  })
})
