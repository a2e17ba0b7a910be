import { createHash } from 'node:crypto'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import type { Assignment, ContainerRecord, ProcessOutcome } from '../contract.ts'

/**
 * What a fake container does with an assignment. Tasks are steered by their params, resource scripts by their source:
 *
 * | task param | resource source | meaning |
 * |---|---|---|
 * | FAKE_STDOUT, FAKE_STDERR | stderr | text it prints |
 * | FAKE_LINES | | so often it prints FAKE_STDOUT, in a line each with its number for `%` |
 * | FAKE_SPLIT | split | bytes in each record of its output, each record delivered alone; default: one record of all |
 * | FAKE_HOLD | hold | after the first half of its output it waits until a test calls `FakeRuntime.let(name)` |
 * | FAKE_PACE | pace | before each record of its output, the Nth, it waits until a test calls `FakeRuntime.let('name/N')` |
 * | FAKE_EXIT | exit | exit status, or a signal's name |
 * | FAKE_HANG | hang | runs until it is aborted |
 * | FAKE_DEAF | deaf | its supervisor cannot be reached once it has started: no abort is heard, no result comes, nobody can adopt it |
 * | FAKE_TIMEOUT | timeout | ends as timed out |
 * | FAKE_ERROR | error | an error reason, e.g. executable-not-found |
 * | FAKE_LOSE | lose | the container is lost, with this message |
 * | FAKE_NO_OUTPUT | | outputs that do not appear |
 * | | response | what it prints on stdout, instead of a fitting answer |
 * | | versions, version, metadata | what check, and in or out, answer |
 */
export interface Script {
  readonly records: readonly Unnumbered[]
  /** Records are delivered one by one. */
  readonly split: boolean
  readonly hold?: string
  readonly pace?: string
  readonly hang: boolean
  readonly deaf: boolean
  readonly lose?: string
  readonly timedOut: boolean
  readonly outcome: ProcessOutcome
  readonly response?: Uint8Array
  readonly outputs: readonly ({ readonly name: string; readonly artifact: ArtifactRef } | { readonly name: string; readonly error: string })[]
}

type Unnumbered = { readonly kind: 'stdout' | 'stderr'; readonly data: Uint8Array } | (ContainerRecord & { kind: 'event' })['event']

export function scriptOf(assignment: Assignment, stored: ReadonlyMap<string, ArtifactRef> = new Map()): Script {
  const task = assignment.stdout === 'log'
  const request = task ? {} : object(JSON.parse(assignment.stdin ?? '{}') as Json)
  const source = task ? fromEnv(assignment.process.env) : object(request['source'] ?? null)
  const text = (key: string) => asText(source[key])
  const encoder = new TextEncoder()
  const exit = text('exit') ?? '0'
  const error = text('error')
  const lose = text('lose')
  const hold = text('hold')
  const pace = text('pace')
  const lines = Number(text('lines') ?? 0)
  const split = Number(text('split') ?? 0)
  const missing = (text('no_output') ?? '').split(' ')
  return {
    records: (['stdout', 'stderr'] as const).flatMap((kind) => {
      const printed = kind === 'stdout' && !task ? undefined : kind === 'stdout' && lines > 0 ? numbered(text(kind) ?? 'line %', lines) : text(kind)
      return printed === undefined ? [] : pieces(encoder.encode(`${printed}\n`), split).map((data) => ({ kind, data }))
    }),
    split: split > 0,
    ...(hold !== undefined && { hold }),
    ...(pace !== undefined && { pace }),
    hang: text('hang') !== undefined,
    deaf: text('deaf') !== undefined,
    timedOut: text('timeout') !== undefined,
    ...(lose !== undefined && { lose }),
    outcome: error === undefined ? processOutcome(exit) : { kind: 'error', reason: error as 'start-failed', message: `${error} (fake)` },
    ...(!task && { response: encoder.encode(text('response') ?? JSON.stringify(answer(assignment.process.path, request, source))) }),
    outputs: [...assignment.outputs, ...assignment.caches].map(({ name }) =>
      missing.includes(name) ? { name, error: 'it does not exist (fake)' } : { name, artifact: stored.get(name) ?? fakeArtifact(`${assignment.id}/${name}`) },
    ),
  }
}

const numbered = (line: string, count: number): string => Array.from({ length: count }, (_, index) => line.replaceAll('%', String(index + 1))).join('\n')

/** An artifact that exists in no store. */
export function fakeArtifact(name: string): ArtifactRef {
  return { digest: `sha256:${createHash('sha256').update(name).digest('hex')}`, size: name.length }
}

function processOutcome(exit: string): ProcessOutcome {
  return /^\d+$/.test(exit) ? { kind: 'exited', status: Number(exit) } : { kind: 'signaled', signal: exit, oom: false }
}

function answer(path: string, request: JsonObject, source: JsonObject): Json {
  if (path.endsWith('/check')) return source['versions'] ?? []
  const version = source['version'] ?? request['version'] ?? { made: asText(object(request['params'] ?? null)['make']) ?? '1' }
  return { version, metadata: source['metadata'] ?? [] }
}

function fromEnv(env: readonly string[]): JsonObject {
  const source: JsonObject = {}
  for (const pair of env) {
    const [name = '', ...value] = pair.split('=')
    if (name.startsWith('FAKE_')) source[name.slice('FAKE_'.length).toLowerCase()] = value.join('=')
  }
  return source
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  if (size <= 0) return [bytes]
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

function asText(value: Json | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value)
}

function object(value: Json): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
