export type Severity = 'error' | 'warning'

/** What kind of mistake it is; a stable word for programs, the message is for people. */
export type FindingKind =
  | 'yaml'
  | 'too-large'
  | 'duplicate-key'
  | 'unknown-key'
  | 'wrong-type'
  | 'missing'
  | 'invalid-value'
  | 'unresolved-var'
  | 'invalid-var'
  | 'duplicate-name'
  | 'unknown-reference'
  | 'cycle'
  | 'unused'
  | 'step-shape'
  | 'conflict'
  | 'invalid-identifier'
  | 'deprecated'
  | 'ambiguous'

/**
 * One thing to say about a file. `line` and `column` count from 1; `path` is where in the config it stands
 * (`jobs[0].plan[2].task`, '' for the whole); `hint` says what to do.
 */
export interface Finding {
  readonly severity: Severity
  readonly kind: FindingKind
  readonly message: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly path: string
  readonly hint?: string
}

/** In the file's order, each once: one anchor used in 300 places has its mistake once. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>()
  const once = findings.filter((f) => {
    const id = `${f.file}\0${f.line}\0${f.column}\0${f.kind}\0${f.message}`
    return !seen.has(id) && seen.add(id)
  })
  return once.sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.severity, b.severity))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
