import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { SizedCache } from '../../lib/sized-cache.ts'
import type { z } from 'zod'
import type { KeptJson, Reply } from '../reply.ts'

const keptBytes = 32 * 1024 * 1024
/** Of an entry, whatever it holds. */
const leastBytes = 512

const compress = promisify(gzip)

interface KeptList {
  /** Changes that were counted when it was made. */
  readonly changes: number
  readonly json: KeptJson
}

/**
 * Answers of lists, encoded, until something changes that such lists show. The database counts those changes and is asked each time, so that
 * whoever changes something, by whatever server, sees it in the next list of any server.
 */
export class KeptLists {
  readonly #changes: () => Promise<number>
  readonly #kept: SizedCache<string, KeptList>
  readonly #making = new Map<string, { readonly changes: number; readonly list: Promise<KeptList> }>()

  /** `changes`: how many there were. */
  constructor(changes: () => Promise<number>, bytes = keptBytes) {
    this.#changes = changes
    this.#kept = new SizedCache(bytes)
  }

  /** `key`: says which list, and for whom. */
  async of(key: string, make: () => Promise<unknown>): Promise<KeptJson> {
    // Before the list is read: what changes meanwhile may be in it or not, and makes the next caller read it again.
    const changes = await this.#changes()
    const kept = this.#kept.get(key)
    if (kept?.changes === changes) return kept.json
    return (await this.#make(key, changes, make)).json
  }

  /** Once for all who ask for the same at once. */
  #make(key: string, changes: number, make: () => Promise<unknown>): Promise<KeptList> {
    const running = this.#making.get(key)
    if (running?.changes === changes) return running.list
    const list = encoded(changes, make)
    const making = { changes, list }
    this.#making.set(key, making)
    const over = (made?: KeptList): void => {
      if (this.#making.get(key) === making) this.#making.delete(key)
      // With its compressed form, which is shorter.
      if (made !== undefined) this.#kept.set(key, made, leastBytes + key.length + 2 * made.json.bytes.length)
    }
    list.then(over, () => over())
    return list
  }
}

async function encoded(changes: number, make: () => Promise<unknown>): Promise<KeptList> {
  const bytes = Buffer.from(`${JSON.stringify(await make())}\n`)
  let packed: Promise<Buffer> | undefined
  return { changes, json: { bytes, gzip: () => (packed ??= compress(bytes, { level: 1 })) } }
}

/** Answers a list that is kept. */
export const keptOf = async <S extends z.ZodType>(lists: KeptLists, schema: S, key: string, make: () => Promise<z.input<S>>): Promise<Reply> => ({ kind: 'kept', status: 200, json: await lists.of(key, make), schema })
