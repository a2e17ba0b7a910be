import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A case of the table in Concourse's atc/scheduler/algorithm/algorithm_test.go. */
export interface ConcourseCase {
  readonly name: string
  readonly DB?: { readonly BuildInputs?: readonly Row[]; readonly BuildOutputs?: readonly Row[]; readonly BuildPipes?: readonly Row[]; readonly Resources?: readonly Row[] }
  readonly Inputs: readonly {
    readonly Name: string
    readonly Resource: string
    readonly Passed?: readonly string[]
    readonly Version?: { readonly Every?: boolean; readonly Pinned?: string }
  }[]
  readonly Result: {
    readonly OK: boolean
    readonly Values?: Readonly<Record<string, string>>
    readonly Errors?: Readonly<Record<string, string>>
    readonly PassedBuildIDs?: Readonly<Record<string, readonly number[]>>
    readonly HasNext?: boolean
    readonly NoNext?: boolean
  }
}

export interface Row {
  readonly Job?: string
  readonly BuildID?: number
  readonly Resource?: string
  readonly Version?: string
  readonly CheckOrder?: number
  readonly Disabled?: boolean
  readonly FromBuildID?: number
  readonly ToBuildID?: number
  readonly RerunOfBuildID?: number
  readonly BuildStatus?: string
  readonly NoResourceConfigScope?: boolean
  readonly DoNotInsertVersion?: boolean
}

/** Reads the table from a checkout. Its composite literals become JSON by their tokens. */
export async function readConcourseCases(checkout: string): Promise<ConcourseCase[]> {
  return casesIn(await readFile(join(checkout, 'atc/scheduler/algorithm/algorithm_test.go'), 'utf8'))
}

export function casesIn(go: string): ConcourseCase[] {
  return go
    .split(/^\tEntry\(/m)
    .slice(1)
    .map((entry) => {
      const tokens = tokensOf(entry)
      const [name = '', , type = ''] = tokens
      if (type !== 'Example') throw new Error(`algorithm_test.go: entry ${name} has no Example`)
      const literal = composite(tokens, 3)
      return { name: String(JSON.parse(name)), ...(literal.value as Omit<ConcourseCase, 'name'>) }
    })
}

function tokensOf(go: string): string[] {
  return [...go.replaceAll(/\/\/[^\n]*/g, '').matchAll(/"(?:[^"\\]|\\.)*"|(?:map\[string\])?(?:\[\])?[A-Za-z]\w*|\d+|[{}:,]/g)].map(([token]) => token)
}

/** `{…}` at a token: a list, or keys and values. */
function composite(tokens: readonly string[], start: number): { readonly value: unknown; readonly end: number } {
  const entries: (readonly [string | undefined, unknown])[] = []
  let at = start + 1
  while (tokens[at] !== '}') {
    if (at >= tokens.length) throw new Error('algorithm_test.go: a literal has no end')
    const key = tokens[at + 1] === ':' ? (tokens[at] ?? '').replaceAll('"', '') : undefined
    if (key !== undefined) at += 2
    const { value, end } = literalAt(tokens, at)
    entries.push([key, value])
    at = tokens[end] === ',' ? end + 1 : end
  }
  const isList = entries.length > 0 && entries.every(([key]) => key === undefined)
  return { value: isList ? entries.map(([, value]) => value) : Object.fromEntries(entries), end: at + 1 }
}

function literalAt(tokens: readonly string[], at: number): { readonly value: unknown; readonly end: number } {
  const token = tokens[at] ?? ''
  if (token === '{') return composite(tokens, at)
  if (tokens[at + 1] === '{') return composite(tokens, at + 1)
  if (token === 'CurrentJobName') return { value: 'current', end: at + 1 }
  return { value: JSON.parse(token), end: at + 1 }
}
