import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import { useApi, type Caller } from './database-world.ts'

export type Message = { readonly sub: number; readonly rev?: string; readonly set?: readonly Item[]; readonly patch?: readonly Item[]; readonly error?: number }
type Item = { readonly id: number | string; readonly gone?: true; readonly [key: string]: unknown }

/** A pipeline of these jobs, each with a get of r and a task. */
export const watchedConfig = (...jobs: string[]): string => `{resources: [{name: r, type: mock, source: {}}], jobs: [${jobs.map((name) => `{name: ${name}, plan: [{get: r}, {task: t, config: {platform: linux, run: {path: "true"}}}]}`).join(', ')}]}`
/** The path of the pipeline p. */
export const watchedPath = '/api/v1/teams/main/pipelines/p'

/** Pages that watch the API of a test. Call it once, outside of tests. */
export function watchedApi() {
  const world = useApi(() => ({ streamLimits: { principal: 4, address: 2, server: 100 } }))
  const opened: { close(): void }[] = []
  afterEach(() => {
    for (const one of opened.splice(0)) one.close()
  })

  async function listening(): Promise<number> {
    const { api } = world()
    const server: Server = createServer(api.handle).on('upgrade', (asked, socket, head) => api.upgrade(asked, socket, head))
    opened.push({ close: () => (server.close(), server.closeAllConnections()) })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  /** A page's connection. */
  async function page(as: Caller | 'nobody' = 'admin', port?: number) {
    const { tokenOf, clock } = world()
    const headers = as === 'nobody' ? {} : { authorization: `Bearer ${await tokenOf(as)}` }
    const socket = new WebSocket(`ws://127.0.0.1:${port ?? (await listening())}/api/v1/watch`, 'airside.watch.1', { headers })
    opened.push({ close: () => socket.terminate() })
    const messages: Message[] = []
    const frames: Buffer[] = []
    let closed: number | undefined
    let beats = 0
    socket.on('message', (data: Buffer, binary) => void (binary ? frames.push(data) : data.toString() === '{}' ? beats++ : messages.push(JSON.parse(data.toString()) as Message)))
    socket.on('close', (code) => (closed = code))
    await new Promise<void>((resolve, reject) => void socket.once('open', resolve).once('error', reject))
    /** Moves the clock on until it is so: slowly, since the database takes real time, and tokens expire. */
    const until = async (holds: () => boolean, step = 2): Promise<void> => {
      while (!holds()) {
        await clock.advance(step)
        await setImmediate()
      }
    }
    return {
      socket, messages, frames, until,
      closed: () => closed,
      /** Messages of nothing, which tell that the connection is there. */
      beats: () => beats,
      say: (message: object) => socket.send(JSON.stringify(message)),
      /** The next message that has not been taken. */
      async next(): Promise<Message> {
        await until(() => messages.length > 0)
        return messages.shift() as Message
      },
    }
  }

  async function ids() {
    const [row] = await world().db.query<{ pipeline: number; job: number; resource: number; team: number }>('select p.id as pipeline, j.id as job, r.id as resource, p.team_id as team from pipelines p join jobs j on j.pipeline_id = p.id join resources r on r.pipeline_id = p.id order by j.id')
    if (row === undefined) throw new Error('there is no pipeline')
    return row
  }

  return { world, opened, listening, page, ids }
}
