import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import type { Kit } from '../../../src/runtime/conformance/kit.ts'
import { Channel } from '../../../src/supervision/channel.ts'
import { secure, secureContext } from '../../../src/supervision/secure.ts'
import { newPrivateKey, serverKey } from '../../../src/supervision/server-key.ts'
import type { Proxy } from '../../../src/supervision/testing/proxy.ts'

/** Streams from containers, as they come: a container joins one to whatever it can reach. */
export interface Relays {
  /** For `sh` in a container: joins this machine, which it reaches as `host`, with a port that it can dial. */
  join(host: string, target: string): string
  next(): Promise<Socket>
  stop(): void
}

export async function openRelays(): Promise<Relays> {
  const waiting: Socket[] = []
  let wake: (() => void) | undefined
  const all = new Set<Socket>()
  const server = createServer((socket) => {
    all.add(socket)
    socket.on('error', () => undefined)
    waiting.push(socket)
    wake?.()
  })
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  const { port } = server.address() as AddressInfo
  return {
    join: (host, target) => `rm -f /tmp/way; mkfifo /tmp/way; nc ${host} ${port} < /tmp/way | nc ${target} > /tmp/way`,
    async next() {
      for (;;) {
        const socket = waiting.shift()
        if (socket !== undefined) return socket
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
    stop() {
      server.close()
      for (const socket of all) socket.destroy()
    },
  }
}

/** What a container's supervisor and the server said to one another. */
export interface Recording {
  readonly supervisor: Buffer[]
  readonly server: Buffer[]
  open: boolean
}

/** Records every connection through the proxy from now on. */
export function record(proxy: Proxy): readonly Recording[] {
  const recordings: Recording[] = []
  proxy.onConnection = (near, far) => {
    const recording: Recording = { supervisor: [], server: [], open: true }
    recordings.push(recording)
    near.on('data', (data: Buffer) => recording.supervisor.push(Buffer.from(data)))
    far.on('data', (data: Buffer) => recording.server.push(Buffer.from(data)))
    near.once('close', () => (recording.open = false))
  }
  return recordings
}

/** Says to somebody what was said before; all that they answer, until they close. */
export async function replay(stream: Duplex, recorded: readonly Buffer[]): Promise<Buffer> {
  const answer: Buffer[] = []
  stream.on('error', () => undefined)
  stream.on('data', (data: Buffer) => answer.push(data))
  const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()))
  for (const data of recorded) stream.write(data)
  await closed
  return Buffer.concat(answer)
}

/** A process beside the supervisor dials it: it is greeted by TLS, which names nothing, and never gets further without the server's key. */
export async function beginsTlsAndNoMore(kit: Kit, relays: Relays, host: string, port: number): Promise<void> {
  const container = await kit.prepare()
  const script = `nc 127.0.0.1 ${port} < /dev/null | od -An -v -tx1 | tr -d ' \\n'; echo; ${relays.join(host, `127.0.0.1 ${port}`)}; echo still here`
  const run = kit.start(container, kit.assignment(script))
  const dialled = await relays.next()
  const impostor = await secure(dialled, secureContext(serverKey(newPrivateKey())), AbortSignal.timeout(20_000))
  expect({ impostor, greeted: dialled.bytesRead > 0 }).toEqual({ impostor: undefined, greeted: true })
  dialled.destroy()
  expect((await run.result()).outcome).toEqual({ kind: 'exited', status: 0 })
  const [hex = '', last] = run.collected.stdout.trim().split('\n')
  const greeting = Buffer.from(hex, 'hex')
  expect(last).toBe('still here')
  // A handshake record with a ClientHello, and nothing after it.
  expect({ type: greeting[0], message: greeting[5], length: greeting.readUInt16BE(3) + 5 }).toEqual({ type: 0x16, message: 1, length: greeting.length })
  expect(greeting.includes(container.handle)).toBe(false)
}

/** A container beside it reaches what a step listens on for all, and not what its supervisor listens on. */
export async function neighbourIsRefused(kit: Kit, addressOf: (handle: string) => Promise<string>, port: number): Promise<void> {
  const container = await kit.prepare()
  const one = kit.start(container, kit.assignment('cat /proc/net/tcp /proc/net/tcp6; echo looked; echo from the step | nc -l -p 7100'))
  await one.collected.until(/looked/)
  const address = await addressOf(container.handle)
  const other = await kit.run(`until nc ${address} 7100 < /dev/null 2>/dev/null; do sleep 0.1; done; nc -w 5 ${address} ${port} < /dev/null; echo "status $?"`)
  expect(other.stdout).toBe('from the step\nstatus 1\n')
  expect(other.stderr).toMatch(/Connection refused/)
  await one.result()
  const listening = [...one.collected.stdout.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A /gm)].filter(([, , hex]) => Number.parseInt(hex ?? '', 16) === port)
  expect(listening.map(([, local]) => local)).toEqual(['0100007F'])
}

/** Says hello as whoever it says; the server's answer. */
export async function sayHello(stream: Duplex, hello: { readonly container: string; readonly uid?: string; readonly proof: object }): Promise<object> {
  const channel = new Channel(stream, systemClock)
  channel.send({ type: 'hello', protocol: 1, purpose: 'control', version: 'impostor', arch: 'amd64', restarts: 0, assignments: [], firstSeq: 1, nextSeq: 1, ...hello })
  const answer = await channel.readOne()
  channel.destroy()
  if (answer?.kind !== 'message') throw new Error(`no answer: ${channel.problem ?? 'closed'}`)
  return answer.message
}
