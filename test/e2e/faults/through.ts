import { chmod, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Rendezvous } from '../../../src/runtime/contract.ts'

/** Puts something between supervisors and the server, whichever way they meet. */
export interface Between {
  /** Joins a stream of a supervisor (`near`) with one of the server's (`far`). */
  carry(near: Duplex, far: Duplex): void
  /** Where it listens for supervisors that come home by TCP. */
  readonly address?: string
}

/** A rendezvous whose containers meet the server only through `between`. */
export function through(between: Between, rendezvous: Rendezvous): Rendezvous {
  return {
    serverKey: rendezvous.serverKey,
    get homeAddress() {
      return rendezvous.homeAddress === undefined ? undefined : between.address
    },
    expect(handle, options) {
      const expectation = rendezvous.expect(handle, options)
      const listeners: Server[] = []
      return {
        reported: expectation.reported,
        identify: (identity) => expectation.identify(identity),
        onWant: (callback) => expectation.onWant(callback),
        async listenUnix(dir) {
          const behind = join(dir, 'behind')
          await expectation.listenUnix(behind)
          await rm(join(dir, 'socket'), { force: true })
          const listener = createServer((near) => between.carry(near, connect(join(behind, 'socket'))))
          await new Promise<void>((resolve) => listener.listen(join(dir, 'socket'), resolve))
          // As the server's own: root of a container may be nobody on the machine.
          await chmod(join(dir, 'socket'), 0o666)
          listeners.push(listener)
        },
        dialled(stream) {
          void socketPair().then(([ours, theirs]) => {
            between.carry(stream, theirs)
            expectation.dialled(ours)
          })
        },
        async cancel() {
          for (const listener of listeners) listener.close()
          await expectation.cancel()
        },
        async leave() {
          for (const listener of listeners) listener.close()
          await expectation.leave()
        },
      }
    },
  }
}

/** Two ends of one TCP connection. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const dialled = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const other = await accepted
  server.close()
  return [dialled, other]
}
