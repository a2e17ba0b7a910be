import type { Frame } from './frames.ts'

/** What the log of a build is made of. Times are unix ms. */
export type LogEvent =
  | { readonly kind: 'output'; readonly step: string; readonly text: string; readonly time: number }
  | { readonly kind: 'error'; readonly step: string; readonly text: string; readonly time: number }
  | { readonly kind: 'config'; readonly step: string; readonly config: TaskConfig }
  | { readonly kind: 'end' }

/** Of a task's config what its events show. */
export interface TaskConfig {
  readonly platform: string
  readonly image: string
  readonly path: string
  readonly args: readonly string[]
  readonly dir: string
  readonly inputs: readonly { readonly name: string; readonly path: string }[]
}

type Fields = Readonly<Record<string, unknown>>

/** undefined: an event that the log does not show, or none that can be read. */
export function logEventOf({ event, data }: Frame): LogEvent | undefined {
  if (event === 'end') return { kind: 'end' }
  if (event !== 'event') return undefined
  const outer = fields(parsed(data))
  const inner = fields(outer['data'])
  const step = text(fields(inner['origin'])['id'])
  if (step === '') return undefined
  const time = typeof inner['time'] === 'number' ? inner['time'] * 1_000 : 0
  switch (outer['event']) {
    case 'log': return { kind: 'output', step, text: text(inner['payload']), time }
    case 'error': return { kind: 'error', step, text: text(inner['message']), time }
    case 'initialize-task': return { kind: 'config', step, config: configOf(fields(inner['config'])) }
    default: return undefined
  }
}

function configOf(config: Fields): TaskConfig {
  const run = fields(config['run'])
  return {
    platform: text(config['platform']),
    image: text(config['image']),
    path: text(run['path']),
    args: list(run['args']).map(text),
    dir: text(run['dir']),
    inputs: list(config['inputs']).map((input) => ({ name: text(fields(input)['name']), path: text(fields(input)['path']) })),
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}

const longestList = 1_000
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, longestList) : [])
