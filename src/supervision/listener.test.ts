import { execFile } from 'node:child_process'
import { rmSync, symlinkSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { connect, Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { Channel } from './channel.ts'
import { alpn } from './secure.ts'
import { newPrivateKey, serverKey } from './server-key.ts'
import { dialHome, secureClient } from './testing/dial-home.ts'
import { FakeSupervisor } from './testing/fake-supervisor.ts'
import { TestServer } from './testing/setup.ts'

let server: TestServer
const clock = fakeClock()
beforeEach(async () => {
  server = await TestServer.start(clock)
})
afterEach(() => server.stop())

const port = (): number => Number(new URL(server.rendezvous.homeAddress!.replace('tcp:', 'http:')).port)

/** Says something to the port; resolves with the answer when the server has closed the connection. */
function say(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port(), '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
}

test('a client that speaks HTTP gets an answer, any other is closed', async () => {
  expect(await say('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*This port is for Airside supervisors\.\n$/s)
  expect(await say(Buffer.from([0, 0, 0, 5, 1]))).toBe('')
})

test('TLS 1.2 and TLS without our protocol end in the handshake', async () => {
  const attempt = (options: object): Promise<string> =>
    new Promise((resolve) => {
      const socket = connectTls({ host: '127.0.0.1', port: port(), rejectUnauthorized: false, ...options })
      socket.on('error', (error) => resolve(error.message))
      socket.on('data', () => resolve('data'))
      socket.on('close', () => resolve('closed'))
    })
  expect(await attempt({ ALPNProtocols: [alpn], maxVersion: 'TLSv1.2' })).toMatch(/version|closed/)
  expect(await attempt({ ALPNProtocols: ['h2'] })).toMatch(/protocol|closed/)
  expect(await attempt({})).toBe('closed')
})

test('a silent connection is closed in time, at every stage of the handshake', async () => {
  const ended = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.on('error', () => {}).on('close', resolve))
  const silent = connect(port(), '127.0.0.1')
  const inHandshake = connect(port(), '127.0.0.1', () => inHandshake.write(Buffer.from([0x16])))
  const secured = (await dialHome(server.rendezvous.homeAddress!, server.key.pin)) as Socket
  const all = Promise.all([silent, inHandshake, secured].map(ended))
  while (clock.sleeping < 4) await new Promise((resolve) => setImmediate(resolve)) // three connections and a keep-alive
  await clock.advance(10_000)
  await all
  expect(clock.sleeping).toBe(0)
})

test('1 100 silent connections of one address keep no supervisor of that address out', async () => {
  const silent = Array.from({ length: 1_100 }, () => connect(port(), '127.0.0.1').on('error', () => {}))
  onTestFinished(() => silent.forEach((socket) => socket.destroy()))
  await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))))
  const fakes = Array.from({ length: 60 }, (_, i) => {
    const expectation = server.rendezvous.expect(`c${i}`, { assigned: false })
    expectation.identify({})
    let attempts = 0
    const connectOnce = async () => {
      attempts++
      return await dialHome(server.rendezvous.homeAddress!, server.key.pin)
    }
    const fake = new FakeSupervisor({ container: `c${i}`, connect: connectOnce, script: () => Promise.reject(new Error()), clock })
    return { fake, expectation, attempts: () => attempts }
  })
  for (const { fake } of fakes) void fake.run()
  await Promise.all(fakes.map(({ expectation }) => expectation.reported))
  expect(fakes.map(({ attempts }) => attempts())).toEqual(Array(60).fill(1))
  for (const { fake } of fakes) fake.stop()
})

test('a hello of 64 KiB is read, and one byte more ends the connection', async () => {
  const base = new FakeSupervisor({ container: 'c', connect: () => Promise.reject(new Error()), script: () => Promise.reject(new Error()) }).hello('control')
  const answerTo = async (bytes: number): Promise<string | undefined> => {
    const channel = new Channel(await dialHome(server.rendezvous.homeAddress!, server.key.pin), clock)
    const hello = { ...base, filler: '' }
    channel.send({ ...hello, filler: 'x'.repeat(bytes - 1 - JSON.stringify(hello).length) })
    const answer = await channel.readOne()
    channel.destroy()
    return answer?.kind === 'message' ? answer.message.type : undefined
  }
  expect(await answerTo(64 * 1024)).toBe('refused')
  expect(await answerTo(64 * 1024 + 1)).toBeUndefined()
})

test('a client with another pin ends the handshake', async () => {
  const other = serverKey(newPrivateKey())
  await expect(dialHome(server.rendezvous.homeAddress!, other.pin)).rejects.toThrow('not the server of this pin')
})

test('a client that dials the tunnel port without the server key is refused', async () => {
  // The supervisor is the TLS client on streams that it accepts, too: without the key no handshake succeeds.
  const [theirs, neighbour] = duplexPair()
  const handshake = secureClient(theirs, server.key.pin)
  neighbour.on('data', () => neighbour.write('HTTP/1.1 200 OK\r\n\r\n'))
  await expect(handshake).rejects.toThrow()
})

test('a first frame that is no hello is not answered', async () => {
  const hello = { ...new FakeSupervisor({ container: 'c', connect: () => Promise.reject(new Error()), script: () => Promise.reject(new Error()) }).hello('control') }
  for (const messages of [[{ type: 'ack' }], [{ ...hello, purpose: 'other' }], [{ ...hello, proof: {} }]]) {
    const channel = new Channel(await dialHome(server.rendezvous.homeAddress!, server.key.pin), clock)
    for (const message of messages) channel.send(message)
    expect(await channel.read()).toBeUndefined()
  }
})

test('a unix socket replaces a dead one, also under a long path', async () => {
  const root = await mkdtemp(join(tmpdir(), 'airside-listener-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const dir = join(root, 'a-long-name'.repeat(10), 'home')
  await mkdir(dir, { recursive: true })
  await new Promise((resolve) =>
    execFile(process.execPath, ['-e', `process.chdir(${JSON.stringify(dir)}); require('net').createServer().listen('socket', () => process.kill(process.pid, 'SIGKILL'))`], resolve),
  )
  expect(await readdir(dir)).toEqual(['socket'])
  const expectation = server.rendezvous.expect('c', { assigned: false })
  await expectation.listenUnix(dir)
  const cwd = process.cwd()
  process.chdir(dir) // a client has the same limit
  onTestFinished(() => process.chdir(cwd))
  const fake = new FakeSupervisor({ container: 'c', connect: () => dialHome('socket', ''), script: () => Promise.reject(new Error()), clock })
  void fake.run()
  expectation.identify({})
  await expectation.reported
  fake.stop()
  await expectation.cancel()
  expect(await readdir(dir)).toEqual([])
})

test('the server follows no link that a container put in place of its socket', async () => {
  const root = await mkdtemp(join(tmpdir(), 'airside-listener-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const [dir, victim] = [join(root, 'home'), join(root, 'victim')]
  await mkdir(dir)
  await writeFile(victim, 'secret', { mode: 0o600 })
  const plant = (): void => {
    rmSync(join(dir, 'socket'), { force: true })
    symlinkSync(victim, join(dir, 'socket'))
  }
  // The container replaces the socket in the moment in which it appears, before anything else is done about it.
  const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args: unknown[]) {
    this.once('listening', plant)
    return listen.apply(this, args)
  } as never)
  onTestFinished(() => void vi.restoreAllMocks())
  plant()
  const expectation = server.rendezvous.expect('c', { assigned: false })
  await expectation.listenUnix(dir)
  expect((await stat(victim)).mode & 0o777).toBe(0o600)
  const socket = await lstat(join(dir, 'socket'))
  expect([socket.isSocket(), socket.mode & 0o777]).toEqual([true, 0o666])
  await rm(join(dir, 'socket'))
  await symlink(victim, join(dir, 'socket'))
  await expectation.cancel()
  expect(await readdir(root)).toEqual(['home', 'victim'])
})
