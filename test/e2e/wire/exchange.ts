/** What fly sent in one request, and what of the answer it reads. Addresses, tokens and ids are placeholders: `{url}`, `{build:1}`. */
export interface Exchange {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** A body that is no text. */
  readonly base64?: string
  /** Messages of a web socket, in their order. */
  readonly messages?: readonly string[]
  readonly answer: Answer
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Of JSON: its types in place of its values. */
  readonly shape?: Shape
  /** Of an event stream: the events' types and versions, each once, sorted. */
  readonly events?: readonly string[]
  /** Of a web socket: which kinds of message came. */
  readonly kinds?: readonly string[]
  /** Where ids of later requests stand: `{build:1}` at `id`. */
  readonly ids?: Readonly<Record<string, string>>
}

export interface Recording {
  /** What was typed. */
  readonly command: string
  readonly exchanges: readonly Exchange[]
}

export type Shape = string | { readonly list: Shape | 'nothing' } | { readonly [key: string]: Shape }

/** Those of an answer that fly, or its HTTP client, reads. */
export const readByFly = ['content-type', 'link', 'x-concourse-config-version', 'cache-control', 'x-atc-stream-version'] as const
/** Those of a request that change the answer. */
export const sentByFly = ['content-type', 'accept', 'x-concourse-config-version', 'last-event-id'] as const

/** Objects whose keys are names or values, not fields. */
const maps = /(^|\.)(version|source|params|metadata|teams|auth|pipeline_instance_vars|instance_vars|config|plan|needs)$/

export function shapeOf(value: unknown, at = ''): Shape {
  if (value === null) return 'null'
  if (Array.isArray(value)) return { list: value.map((item) => shapeOf(item, at)).reduce<Shape | undefined>(merged, undefined) ?? 'nothing' }
  if (typeof value !== 'object') return typeof value
  if (maps.test(at)) return 'map'
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner, `${at}.${key}`)]))
}

/** Of items of one list: a field of any of them. */
function merged(one: Shape | undefined, other: Shape): Shape {
  if (one === undefined || one === 'null') return other
  return typeof one === 'object' && typeof other === 'object' ? { ...one, ...other } : one
}

/** Fields that are there at some moments of a build, a job or a resource. */
const timely = /^(start_time|end_time|reap_time|next_build|finished_build|transition_build|last_checked|has_new_inputs|build|expires_in|working_directory|user|pinned_version|pin_comment|last_updated|metadata)$/

/** How an answer's shape differs from the recorded one; nothing: not at all. */
export function differences(recorded: Shape, seen: Shape, at = 'body'): string[] {
  if (recorded === 'null' || seen === 'null' || recorded === 'nothing' || seen === 'nothing') return []
  if (typeof recorded === 'string' || typeof seen === 'string') return recorded === seen ? [] : [`${at} was ${JSON.stringify(recorded)}, is ${JSON.stringify(seen)}`]
  const [was, is] = [recorded as Record<string, Shape>, seen as Record<string, Shape>]
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) => {
    const [before, now] = [was[key], is[key]]
    if (before !== undefined && now !== undefined) return differences(before, now, `${at}.${key}`)
    return timely.test(key) ? [] : [`${at}.${key} ${now === undefined ? 'is gone' : 'is new'}`]
  })
}

/** The value at `a.0.b`. */
export function valueAt(value: unknown, path: string): unknown {
  return path === '' ? value : path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value)
}
