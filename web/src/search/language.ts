/** What a filter of the dashboard is asked about: a pipeline as it is shown. */
export interface Filterable {
  readonly name: string
  readonly team: string
  readonly state: string
  readonly running: boolean
  readonly public: boolean
  readonly favourite: boolean
  readonly pinned: boolean
  /** A resource of it cannot be checked. */
  readonly 'check-failing': boolean
  readonly jobs: readonly string[]
  readonly groups: readonly string[]
  /** Since when it fails, unix ms. */
  readonly failingSince?: number
}

export type Text = { readonly kind: 'fuzzy' | 'exact' | 'prefix'; readonly value: string }

export type Term =
  | { readonly kind: 'name'; readonly text: Text }
  | { readonly kind: 'team' | 'group' | 'job'; readonly text: Text }
  | { readonly kind: 'status'; readonly status: string }
  | { readonly kind: 'is'; readonly what: (typeof facts)[number] }
  | { readonly kind: 'failing'; readonly longer: boolean; readonly ms: number }

export interface Clause {
  readonly not: boolean
  readonly term: Term
}
export interface Filter {
  readonly clauses: readonly Clause[]
  /** What is wrong, with what to write; the other clauses count. */
  readonly problems: readonly string[]
}

/** Concourse's, with its `started` for builds that run. */
export const statuses = ['paused', 'pending', 'failed', 'errored', 'aborted', 'running', 'succeeded'] as const
export const facts = ['running', 'public', 'favourite', 'pinned', 'check-failing'] as const
const textFields = ['team', 'group', 'job'] as const
export const fields = ['status', 'team', 'group', 'job', 'is', 'failing'] as const

/** Longer filters are cut: they come from URLs. */
const longest = 1_000

/**
 * Reads a filter: words of the name, Concourse's `status:` `team:` `group:`, and `job:` `is:` `failing:`; all must hold. `-` before one
 * turns it round, quotes take a text exactly, an open quote is a beginning.
 */
export function parseFilter(text: string): Filter {
  const clauses: Clause[] = []
  const problems: string[] = []
  for (const word of words(text.slice(0, longest))) {
    const not = word.startsWith('-')
    const term = parseTerm(not ? word.slice(1) : word)
    if (typeof term === 'string') problems.push(term)
    else if (term !== undefined) clauses.push({ not, term })
  }
  return { clauses, problems }
}

/** Split at spaces outside of quotes. Spaces after `status:` and the like belong to it, as in Concourse. */
function words(text: string): string[] {
  const joined = text.replace(new RegExp(`(^|\\s)(-?(?:${fields.join('|')}):)\\s+`, 'gi'), '$1$2')
  return [...joined.matchAll(/(?:[^\s"]|"[^"]*(?:"|$))+/g)].map(([word]) => word)
}

/** A sentence: what is wrong. Undefined: nothing to ask, as with a lone `team:` that somebody is writing. */
function parseTerm(word: string): Term | string | undefined {
  const [, field = '', value = ''] = /^(\w+):([^]*)$/.exec(word) ?? []
  const known = fields.find((one) => one === field.toLowerCase())
  if (known === undefined) {
    const text = parseText(word)
    return text === undefined ? undefined : { kind: 'name', text }
  }
  if (value === '' || value === '"') return undefined
  switch (known) {
    case 'status': {
      const wanted = value.replaceAll('"', '').toLowerCase()
      const status = wanted === 'started' ? 'running' : statuses.find((one) => one.startsWith(wanted))
      return status === undefined ? `status:${value} is none: ${statuses.join(', ')}` : { kind: 'status', status }
    }
    case 'is': {
      const what = facts.find((one) => one.startsWith(value.toLowerCase()))
      return what === undefined ? `is:${value} is not known: ${facts.join(', ')}` : { kind: 'is', what }
    }
    case 'failing': {
      const [, sign, count, unit] = /^([<>])(\d{1,6})(min|[smhd])$/.exec(value) ?? []
      if (sign === undefined) return `failing:${value} is no time: write failing:>2d, >30m or <1h`
      return { kind: 'failing', longer: sign === '>', ms: Number(count) * ({ s: 1, m: 60, min: 60, h: 3_600, d: 86_400 }[unit ?? ''] ?? 0) * 1_000 }
    }
    case 'team':
    case 'group':
    case 'job': {
      const text = parseText(value)
      return text === undefined ? undefined : { kind: known satisfies (typeof textFields)[number], text }
    }
  }
}

function parseText(value: string): Text | undefined {
  if (!value.startsWith('"')) return value === '' ? undefined : { kind: 'fuzzy', value: value.toLowerCase() }
  const closed = value.length > 1 && value.endsWith('"')
  const inside = value.slice(1, closed ? -1 : undefined).toLowerCase()
  return inside === '' ? undefined : { kind: closed ? 'exact' : 'prefix', value: inside }
}
