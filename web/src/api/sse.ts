/** Longest event that is kept while its end has not come: a server that sends no end must not fill the memory. */
const longestEvent = 64 * 1024 * 1024

export interface SseEvent {
  readonly data: string
  readonly id: string
  readonly event: string
}

/** Splits a stream of server-sent events; push chunks as they come, get the events that are whole. */
export class SseReader {
  readonly #decoder = new TextDecoder()
  #rest = ''

  push(chunk: Uint8Array): SseEvent[] {
    this.#rest += this.#decoder.decode(chunk, { stream: true })
    if (this.#rest.length > longestEvent) throw new Error('the server sent an event without an end')
    const blocks = this.#rest.split(/\r?\n\r?\n/)
    this.#rest = blocks.pop() ?? ''
    return blocks.flatMap((block) => eventOf(block) ?? [])
  }
}

/** Undefined for what is a comment alone. */
function eventOf(block: string): SseEvent | undefined {
  const fields = { data: [] as string[], id: '', event: 'message' }
  for (const line of block.split(/\r?\n/)) {
    const [, name, value = ''] = /^(data|id|event):? ?(.*)$/.exec(line) ?? []
    if (name === 'data') fields.data.push(value)
    else if (name === 'id' || name === 'event') fields[name] = value
  }
  if (fields.data.length === 0 && fields.event === 'message') return undefined
  return { ...fields, data: fields.data.join('\n') }
}
