import { readByFly, sentByFly, shapeOf, type Exchange } from './exchange.ts'
import type { Passed } from './proxy.ts'

/** Ids in requests, by what they are of. */
const idsInPath = [
  [/(\/api\/v1\/builds\/)(\d+)/g, 'build'],
  [/(\/versions\/)(\d+)/g, 'version'],
  [/(\/artifacts\/)(\d+)/g, 'artifact'],
  [/(\/containers\/)([^/?]+)/g, 'container'],
] as const
const idInBody = /("artifact_id":)(\d+)/g
/** The answers in which such an id may stand. */
const answersWith: Readonly<Record<string, RegExp>> = { build: /\/(builds|check|jobs)(\/|\?|$)/, version: /\/versions\?/, artifact: /\/artifacts(\?|$)/, container: /\/containers\?/ }

/** What passed, with placeholders for all that another run has otherwise. `literals`: texts by the names of their placeholders. */
export class Normaliser {
  readonly #literals: ReadonlyMap<string, string>
  readonly #ids = new Map<string, string>()
  /** JSON that was answered, and the exchange that it belongs to. */
  readonly #answers: { readonly path: string; readonly json: unknown; readonly ids: Record<string, string> }[] = []

  constructor(literals: ReadonlyMap<string, string>) {
    this.#literals = literals
  }

  exchange(passed: Passed): Exchange {
    const path = this.#named(this.#withIds(passed.path))
    const text = passed.body.toString('utf8')
    const isText = Buffer.from(text).equals(passed.body)
    const ids: Record<string, string> = {}
    const type = String(passed.answered['content-type'] ?? '')
    const json = type.startsWith('application/json') ? (JSON.parse(passed.answer.toString()) as unknown) : undefined
    if (json !== undefined) this.#answers.push({ path: passed.path, json, ids })
    return {
      method: passed.method,
      path,
      headers: this.#picked(passed.headers, sentByFly),
      ...(passed.body.length > 0 && (isText ? { body: this.#named(text.replace(idInBody, (_, before: string, id: string) => `${before}"${this.#placeholder('artifact', id)}"`)) } : { base64: passed.body.toString('base64') })),
      ...(passed.messages.length > 0 && { messages: passed.messages }),
      answer: {
        status: passed.status,
        headers: this.#picked(passed.answered, readByFly),
        ...(json !== undefined && { shape: shapeOf(json) }),
        ...(type.startsWith('text/event-stream') && { events: eventsOf(passed.answer.toString()) }),
        ...(passed.status === 101 && { kinds: kindsOf(passed.received) }),
        // Filled in when a later request has one of them.
        ids,
      },
    }
  }

  #withIds(path: string): string {
    return idsInPath.reduce((text, [pattern, kind]) => text.replaceAll(pattern, (_, before: string, id: string) => `${before}${this.#placeholder(kind, id)}`), path)
  }

  #placeholder(kind: string, id: string): string {
    const known = this.#ids.get(`${kind} ${id}`)
    if (known !== undefined) return known
    const name = `{${kind}:${[...this.#ids.keys()].filter((key) => key.startsWith(`${kind} `)).length + 1}}`
    for (const { path, json, ids } of this.#answers) {
      if (answersWith[kind]?.test(path) !== true) continue
      const at = placeOf(json, id)
      if (at === undefined) continue
      ids[name] = at
      this.#ids.set(`${kind} ${id}`, name)
      return name
    }
    throw new Error(`no answer before held the ${kind} ${id}`)
  }

  #named(text: string): string {
    return [...this.#literals].reduce((named, [name, literal]) => named.replaceAll(literal, `{${name}}`), text)
  }

  #picked(headers: Passed['headers'], names: readonly string[]): Record<string, string> {
    const kept = names.flatMap((name) => (headers[name] === undefined ? [] : [[name, this.#named(name === 'link' ? 'present' : String(headers[name]))] as const]))
    const hasToken = names === sentByFly && headers.authorization !== undefined && !headers.authorization.startsWith('Basic')
    const hasClient = names === sentByFly && headers.authorization?.startsWith('Basic') === true
    return { ...Object.fromEntries(kept), ...(hasToken && { authorization: '{token}' }), ...(hasClient && { authorization: headers.authorization ?? '' }), ...(names === sentByFly && headers.cookie !== undefined && { cookie: 'skymarshal_auth="{token}"' }) }
  }
}

/** Where a field `id` or `handle` of that value stands. */
function placeOf(json: unknown, id: string, at: readonly string[] = []): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  for (const [key, value] of Object.entries(json)) {
    if (key === 'id' && String(value) === id) return [...at, key].join('.')
    const inside = placeOf(value, id, [...at, key])
    if (inside !== undefined) return inside
  }
  return undefined
}

/** `log 5.1`, each once, sorted. How often one comes depends on the moment. fly goes at the final status, before the event `end`. */
export function eventsOf(stream: string): string[] {
  const events = [...stream.matchAll(/^data: (\{.*\})$/gm)].map(([, data = '']) => JSON.parse(data) as { event: string; version: string })
  return [...new Set(events.map(({ event, version }) => `${event} ${version}`))].toSorted()
}

export const kindsOf = (messages: readonly string[]): string[] => [...new Set(messages.map((message) => Object.keys(JSON.parse(message) as object).join('+')))].toSorted()
