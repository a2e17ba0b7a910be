import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ListenOn } from './place.ts'

const highWaterMark = 1 << 20

/** A server that keeps what is put in a file, and gives it out again: no hash, no encryption, no archive. */
export interface PlainHttp {
  readonly port: number
  /** Resolves with the next file's way: from the first byte of its PUT until somebody says that the answer to its GET is taken; and its size. */
  carried(): Promise<{ readonly ms: number; readonly bytes: number }>
  close(): Promise<void>
}

export async function openPlainHttp(on: ListenOn): Promise<PlainHttp> {
  const folder = await mkdtemp(join(tmpdir(), 'airside-plain-'))
  const file = join(folder, 'file')
  let begun = 0
  let sent = 0
  let waiting: PromiseWithResolvers<{ ms: number; bytes: number }> | undefined

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    switch (request.method) {
      case 'PUT':
        begun = performance.now()
        await pipeline(request, createWriteStream(file, { highWaterMark }))
        response.end()
        return
      case 'GET': {
        const { size } = await stat(file)
        sent = size
        response.writeHead(200, { 'content-length': size })
        await pipeline(createReadStream(file, { highWaterMark }), response)
        return
      }
      default:
        // Whoever says that it is done has the whole copy.
        waiting?.resolve({ ms: performance.now() - begun, bytes: sent })
        response.end()
    }
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      waiting?.reject(error)
      response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...on, ...('host' in on && { port: 0 }) }, resolve)
  })
  if ('path' in on) await chmod(on.path, 0o777)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    carried() {
      waiting = Promise.withResolvers()
      return waiting.promise
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
