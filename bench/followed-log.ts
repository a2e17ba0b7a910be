import { Readable } from 'node:stream'
import type { Heard } from './host-line.ts'
import type { FollowedLog } from './place.ts'

const begin = 'begin'

/** What a container runs whose log is followed from its first byte on. */
export function followedScript(sayAndWait: string, script: string): string {
  // Some engines answer nothing at all before there is a first line.
  return `echo ${begin}; ${sayAndWait}; ${script}`
}

/** Reads the log of such a container: lets it go on once its first line is there, and takes the time from then on. */
export async function readFollowed(log: Readable, { letGo }: Heard, read: (log: Readable) => Promise<string>): Promise<FollowedLog> {
  let first: number | undefined
  let last = 0
  async function* timed() {
    let begun = false
    for await (const chunk of log as AsyncIterable<Buffer>) {
      last = performance.now()
      if (begun) first ??= last
      else letGo()
      begun = true
      yield chunk
    }
  }
  const text = await read(Readable.from(timed()))
  if (!text.startsWith(`${begin}\n`)) throw new Error(`a container's log does not begin as it should: ${text.slice(0, 100)}`)
  return { text: text.slice(begin.length + 1), ms: last - (first ?? last) }
}
