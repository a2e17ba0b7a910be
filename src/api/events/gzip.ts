import { constants, deflateRawSync } from 'node:zlib'

/** The ten bytes before a gzip stream: deflate, no name, no time. Its trailer never comes, since an event stream has no end but the connection's. */
export const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])

/** Compressed once, however many watchers are sent the same bytes. */
const known = new WeakMap<Buffer, Buffer>()

/** A part of a deflate stream that needs none of the parts before it, and ends on a byte. */
export function deflated(bytes: Buffer): Buffer {
  const made = known.get(bytes) ?? deflateRawSync(bytes, { level: 1, finishFlush: constants.Z_SYNC_FLUSH })
  known.set(bytes, made)
  return made
}

const offered = { gzip: /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$)[\d.]+\s*)?$/i, br: /^\s*br\s*(?:;\s*q=(?!0(?:\.0*)?\s*$)[\d.]+\s*)?$/i }

/** Whether the client takes answers in this encoding. */
export function takesEncoding(acceptEncoding: string | readonly string[] | undefined, encoding: keyof typeof offered): boolean {
  const offers = (typeof acceptEncoding === 'string' ? acceptEncoding : (acceptEncoding ?? []).join(',')).slice(0, 1_000).split(',')
  return offers.some((offer) => offered[encoding].test(offer))
}

export const takesGzip = (acceptEncoding: string | readonly string[] | undefined): boolean => takesEncoding(acceptEncoding, 'gzip')
