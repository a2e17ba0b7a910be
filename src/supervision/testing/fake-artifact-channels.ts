import { createHash } from 'node:crypto'
import type { Channel } from '../channel.ts'
import type { Frame } from '../frames.ts'

/** A supervisor's artifact channels: each transfer opens one of its own. */
export class FakeArtifactChannels {
  readonly #open: () => Promise<Channel>

  /** `open` connects and sends the hello. */
  constructor(open: () => Promise<Channel>) {
    this.#open = open
  }

  async get(digest: string): Promise<Buffer> {
    return await this.#artifact(async (channel, next) => {
      channel.send({ type: 'get', digest })
      const pieces: Buffer[] = []
      for (;;) {
        const frame = await next()
        if (frame.kind === 'data') pieces.push(frame.data)
        else if (frame.kind === 'zeros') pieces.push(Buffer.alloc(frame.bytes))
        else if (frame.kind === 'message' && frame.message.type === 'failed') throw new Error(String(frame.message['message']))
        else if (frame.kind === 'message' && frame.message.type === 'done') return Buffer.concat(pieces)
      }
    })
  }

  async put(name: string, data: Uint8Array): Promise<{ digest: string; size: number; receipt: string }> {
    return await this.#artifact(async (channel, next) => {
      const ref = { digest: `sha256:${createHash('sha256').update(data).digest('hex')}`, size: data.length }
      channel.send({ type: 'put', name })
      await channel.sendData(data)
      channel.send({ type: 'done', ...ref })
      const frame = await next()
      if (frame.kind !== 'message' || frame.message.type !== 'stored') throw new Error(JSON.stringify(frame))
      return { ...ref, receipt: String(frame.message['receipt']) }
    })
  }

  /** Repeats `work` on new channels until one does not break. */
  async #artifact<T>(work: (channel: Channel, next: () => Promise<Frame>) => Promise<T>): Promise<T> {
    for (;;) {
      const channel = await this.#open()
      const queue: Frame[] = []
      const next = async (): Promise<Frame> => {
        if (queue.length === 0) queue.push(...((await channel.read()) ?? []))
        const frame = queue.shift()
        if (frame === undefined) throw new BrokenChannel()
        return frame
      }
      try {
        const answer = await next()
        if (answer.kind !== 'message' || answer.message.type !== 'welcome') throw new Error(JSON.stringify(answer))
        return await work(channel, next)
      } catch (error) {
        if (!(error instanceof BrokenChannel)) throw error
      } finally {
        channel.destroy()
      }
    }
  }
}

class BrokenChannel extends Error {}
