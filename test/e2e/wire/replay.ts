import { request } from 'undici'
import { WebSocket } from 'ws'
import { readByFly, shapeOf, valueAt, type Answer, type Exchange } from './exchange.ts'
import { eventsOf, kindsOf } from './normalise.ts'

/** Sends recorded requests to a server, with its own ids and tokens in the places of the recorded ones. */
export class Replay {
  readonly #url: string
  readonly #values: Map<string, string>

  /** `values`: texts for placeholders. */
  constructor(url: string, values: Readonly<Record<string, string>>) {
    this.#url = url
    this.#values = new Map(Object.entries(values).map(([name, value]) => [`{${name}}`, value]))
  }

  async send(exchange: Exchange): Promise<Answer> {
    if (exchange.answer.status === 101) return this.#socket(exchange)
    const { method, path, headers, body, base64, answer } = exchange
    const { statusCode, headers: answered, body: content } = await request(`${this.#url}${this.#filled(path)}`, {
      method: method as 'GET',
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, this.#filled(value)])),
      ...(body !== undefined && { body: this.#filled(body).replace(/("artifact_id":)"(\d+)"/g, '$1$2') }),
      ...(base64 !== undefined && { body: Buffer.from(base64, 'base64') }),
    })
    const type = String(answered['content-type'] ?? '')
    const text = type.startsWith('text/event-stream') ? await untilEnd(content) : await content.text()
    const json = type.startsWith('application/json') ? (JSON.parse(text) as unknown) : undefined
    this.#learn(answer, json)
    return {
      status: statusCode,
      headers: Object.fromEntries(readByFly.flatMap((name) => (answered[name] === undefined ? [] : [[name, name === 'link' ? 'present' : String(answered[name])]]))),
      ...(json !== undefined && { shape: shapeOf(json) }),
      ...(type.startsWith('text/event-stream') && { events: eventsOf(text) }),
    }
  }

  #socket({ path, headers, messages = [] }: Exchange): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`${this.#url.replace('http', 'ws')}${this.#filled(path)}`, { headers: { authorization: this.#filled(headers['authorization'] ?? '') } })
      const received: string[] = []
      socket.on('open', () => messages.forEach((message) => socket.send(message)))
      socket.on('message', (data: Buffer) => received.push(data.toString()))
      socket.on('close', () => resolve({ status: 101, headers: {}, kinds: kindsOf(received) }))
      socket.on('error', reject)
    })
  }

  #learn({ ids = {} }: Answer, json: unknown): void {
    const token = (json as { access_token?: string } | undefined)?.access_token
    if (token !== undefined) this.#values.set('{token}', `bearer ${token}`)
    for (const [name, at] of Object.entries(ids)) this.#values.set(name, String(valueAt(json, at)))
  }

  #filled(text: string): string {
    return text.replaceAll(/\{[a-z]+(?::\d+)?\}/g, (placeholder) => this.#values.get(placeholder) ?? placeholder)
  }
}

/** fly leaves at the event `end`; the server keeps the connection open for a while. */
async function untilEnd(content: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string> {
  let text = ''
  for await (const chunk of content) {
    text += chunk.toString()
    if (/^event: end\n(?:.*\n)*?\n/m.test(text)) break
  }
  content.destroy()
  return text
}
