import { messageOf } from '../lib/errors.ts'
import { isZeros, piecesOfZeros } from '../lib/zeros.ts'
import type { Log } from '../lib/log.ts'
import { DamagedArtifact, type ArtifactStore } from '../artifacts/store.ts'
import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import { fail } from '../model/result.ts'
import type { Channel } from './channel.ts'
import { encodeZeros, ProtocolError, type Frame, type Message } from './frames.ts'
import { artifactRequestSchema, putDoneSchema } from './messages.ts'

export interface ArtifactAccess {
  readonly store: ArtifactStore
  readonly log: Log
  readonly mayRead: (digest: string) => 'yes' | 'no' | 'not-known-yet'
  /** Bytes of an artifact that is stored, at most. */
  readonly outputLimit: number
  /** Shows later that this container stored the artifact. */
  readonly receipt: (artifact: ArtifactRef) => string
}

/** Answers a container's gets and puts, one after the other, until the channel closes. */
export async function serveArtifacts(channel: Channel, access: ArtifactAccess): Promise<void> {
  const frames = new FrameReader(channel)
  try {
    for (let frame = await frames.next(); frame !== undefined; frame = await frames.next()) {
      if (frame.kind !== 'message') throw new ProtocolError('a request was due')
      const request = artifactRequestSchema.safeParse(frame.message)
      if (request.success) {
        if (request.data.type === 'get') await get(channel, access, request.data.digest)
        else await put(channel, access, frames)
      }
    }
  } catch (error) {
    channel.destroy(messageOf(error))
    if (!(error instanceof ProtocolError)) access.log.error({ err: error, component: 'supervision' }, 'artifact channel failed')
  }
}

async function get(channel: Channel, { store, mayRead }: ArtifactAccess, digest: ArtifactDigest): Promise<void> {
  const allowed = mayRead(digest)
  if (allowed !== 'yes') return failed(channel, 'not an artifact of this step', allowed === 'not-known-yet')
  const object = await store.open(digest, { reuseBuffers: true })
  if (object === undefined) return failed(channel, `artifact ${digest} is not in the store`, false)
  channel.send({ type: 'artifact', digest, size: object.size })
  try {
    let skipped = 0
    const skip = (): void => {
      if (skipped > 0) channel.sendRaw(encodeZeros(skipped))
      skipped = 0
    }
    for await (const chunk of object.stream) {
      if (isZeros(chunk)) {
        skipped += chunk.length
        continue
      }
      skip()
      if (!(await channel.sendData(chunk))) return
    }
    skip()
  } catch (error) {
    return failed(channel, messageOf(error), !(error instanceof DamagedArtifact))
  }
  channel.send({ type: 'done', digest })
}

async function put(channel: Channel, { store, receipt, outputLimit }: ArtifactAccess, frames: FrameReader): Promise<void> {
  let announced: ArtifactRef | undefined
  /** The runs of bytes that come, up to the announcement; a number is so many zeros. */
  const runs = async function* (): AsyncIterable<Uint8Array | number> {
    for (;;) {
      const frame = await frames.next()
      if (frame === undefined) throw new ProtocolError('the channel closed in the middle of an artifact')
      if (frame.kind === 'data') yield frame.data
      else if (frame.kind === 'zeros') yield frame.bytes
      else if (frame.kind === 'record') throw new ProtocolError('a record on an artifact channel')
      else if ((announced = doneOf(frame.message)) !== undefined) return
    }
  }
  const pieces = async function* (): AsyncIterable<Uint8Array> {
    let size = 0
    for await (const run of runs()) {
      size += typeof run === 'number' ? run : run.length
      if (size > outputLimit) throw new TooLarge()
      if (typeof run === 'number') yield* piecesOfZeros(run)
      else yield run
    }
  }
  const stored = await store.put(pieces()).catch((error: unknown) => {
    if (error instanceof TooLarge) return fail({ kind: 'no-space' as const, message: `the output is larger than ${outputLimit} bytes, the limit that --output-limit sets` })
    throw error
  })
  if (!stored.ok) {
    failed(channel, stored.error.message, stored.error.kind === 'unavailable')
    // The rest is read first: closing with unread data would drop the answer.
    if (announced === undefined) for await (const _ of runs());
    return
  }
  const { digest, size } = stored.value
  if (announced?.digest !== digest || announced.size !== size) return failed(channel, 'what came is not what was announced', true)
  channel.send({ type: 'stored', digest, size, receipt: receipt(stored.value) })
}

class TooLarge extends Error {}

function doneOf(message: Message): ArtifactRef | undefined {
  if (message.type !== 'done') return undefined
  const done = putDoneSchema.safeParse(message)
  if (!done.success) throw new ProtocolError('an end of an artifact that cannot be read')
  return done.data
}

function failed(channel: Channel, message: string, retryable: boolean): void {
  channel.send({ type: 'failed', message, retryable })
}

/** One frame at a time from a channel's batches. */
class FrameReader {
  readonly #channel: Channel
  #frames: Frame[] = []
  #at = 0

  constructor(channel: Channel) {
    this.#channel = channel
  }

  async next(): Promise<Frame | undefined> {
    while (this.#at === this.#frames.length) {
      const frames = await this.#channel.read()
      if (frames === undefined) return undefined
      this.#frames = frames
      this.#at = 0
    }
    const frame = this.#frames[this.#at]
    this.#at++
    return frame
  }
}
