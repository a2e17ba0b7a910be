import { randomBytes } from 'node:crypto'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { withUnixAddress } from '../lib/unix-path.ts'
import type { Interception } from '../runtime/contract.ts'
import type { Entrance } from './gateway.ts'
import { messages, requestSchema, say, type Answer, type Request } from './wire.ts'

export const socketsFolder = (data: string): string => join(data, 'sockets')

export interface ServedEntrance {
  /** Hangs up all sessions. */
  close(): Promise<void>
  /** How many are in a container through it, or about to be. */
  readonly busy: number
  /** Resolves when nobody is. */
  idle(): Promise<void>
}

/** Lets other processes of this user through an entrance. */
export async function serveEntrance(data: string, entrance: Entrance): Promise<ServedEntrance> {
  const folder = socketsFolder(data)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // A name of its own, so that nobody ever takes another one's place; dead ones are cleared away by those who look.
  const name = randomBytes(6).toString('hex')
  const sockets = new Map<Socket, Promise<void>>()
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    const served = serve(socket, entrance).finally(() => sockets.delete(socket))
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

async function serve(socket: Socket, entrance: Entrance): Promise<void> {
  const hungUp = new AbortController()
  socket.once('close', () => hungUp.abort())
  const answer = (message: Answer): Promise<void> => say(socket, message)
  let session: Interception | undefined
  await answer({ type: 'hello', instance: entrance.instance })
  for await (const request of messages(socket, requestSchema)) session = await obey(request, session)
  // Its end takes a moment, in which the container must not be let go of.
  hungUp.abort()
  await session?.result

  async function obey(request: Request, current: Interception | undefined): Promise<Interception | undefined> {
    switch (request.type) {
      case 'find':
        await answer({ type: 'found', ...(await entrance.find()) })
        return current
      case 'remove': {
        const removed = await entrance.remove(request.handle)
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
    // That it was entered is said before anything that comes out of it.
    const said = Promise.withResolvers<void>()
    const entered = await entrance.enter(handle, process, {
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
