import { randomBytes } from 'node:crypto'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { withUnixAddress } from '../lib/unix-path.ts'
import type { Interception } from '../runtime/contract.ts'
import type { InterceptGateway } from './gateway.ts'
import { messages, requestSchema, say, type Answer, type Request } from './wire.ts'

export const socketsFolder = (data: string): string => join(data, 'sockets')

export interface ServedGateway {
  /** Closes all sessions. */
  close(): Promise<void>
  /** Open connections: each is in a container, or about to enter one. */
  readonly busy: number
  /** Resolves when there are none. */
  idle(): Promise<void>
}

/** Serves a gateway to other processes of this user. */
export async function serveGateway(data: string, gateway: InterceptGateway): Promise<ServedGateway> {
  const folder = socketsFolder(data)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // A random name: a process never listens on a socket that another one left. Sockets of dead processes are removed by remoteGateways.
  const name = randomBytes(6).toString('hex')
  const sockets = new Map<Socket, Promise<void>>()
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    const served = serve(socket, gateway).finally(() => sockets.delete(socket))
    sockets.set(socket, served)
  })
  await withUnixAddress(folder, name, (address) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(address, resolve)
    }),
  )
  server.unref()
  await chmod(join(folder, name), 0o600)
  return {
    get busy() {
      return sockets.size
    },
    async idle() {
      await Promise.all(sockets.values())
    },
    async close() {
      await rm(join(folder, name), { force: true })
      server.close()
      for (const socket of sockets.keys()) socket.destroy()
      await Promise.all(sockets.values())
    },
  }
}

async function serve(socket: Socket, gateway: InterceptGateway): Promise<void> {
  const hungUp = new AbortController()
  socket.once('close', () => hungUp.abort())
  const answer = (message: Answer): Promise<void> => say(socket, message)
  let session: Interception | undefined
  await answer({ type: 'hello', instance: gateway.instance })
  for await (const request of messages(socket, requestSchema)) session = await obey(request, session)
  // The container must not be closed before the session's process has ended.
  hungUp.abort()
  await session?.result

  async function obey(request: Request, current: Interception | undefined): Promise<Interception | undefined> {
    switch (request.type) {
      case 'find':
        await answer({ type: 'found', ...(await gateway.find()) })
        return current
      case 'remove': {
        const removed = await gateway.remove(request.handle)
        await answer(removed.ok ? { type: 'removed' } : { type: 'refused', message: removed.error })
        return current
      }
      case 'enter':
        return current ?? enter(request)
      case 'stdin':
        await current?.write(Buffer.from(request.data, 'base64'), request.eof)
        return current
      case 'resize':
        current?.resize(request.columns, request.rows)
        return current
    }
  }

  async function enter({ handle, process }: Extract<Request, { type: 'enter' }>): Promise<Interception | undefined> {
    // `entered` is sent before any output.
    const said = Promise.withResolvers<void>()
    const entered = await gateway.enter(handle, process, {
      signal: hungUp.signal,
      async onOutput(bytes, stream) {
        await said.promise
        await answer({ type: 'output', stream, data: Buffer.from(bytes).toString('base64') })
      },
    })
    if (!entered.ok) {
      await answer({ type: 'refused', message: entered.error })
      return undefined
    }
    await answer({ type: 'entered' })
    said.resolve()
    void entered.value.result.then(async (result) => {
      await answer(result.ok ? { type: 'ended', outcome: result.value } : { type: 'lost', message: result.error.message })
      socket.end()
    })
    return entered.value
  }
}
