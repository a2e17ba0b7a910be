import type { Clause, Filter, Filterable, Term, Text } from './language.ts'

/** Whether a pipeline is shown under a filter. */
export const matches = (filter: Filter, pipeline: Filterable, now: number): boolean => filter.clauses.every((clause) => holds(clause, pipeline, now))

const holds = ({ not, term }: Clause, pipeline: Filterable, now: number): boolean => termHolds(term, pipeline, now) !== not

function termHolds(term: Term, pipeline: Filterable, now: number): boolean {
  switch (term.kind) {
    case 'name':
      return textMatches(term.text, pipeline.name)
    case 'team':
      return textMatches(term.text, pipeline.team)
    case 'group':
      return pipeline.groups.some((group) => textMatches(term.text, group))
    case 'job':
      return pipeline.jobs.some((job) => textMatches(term.text, job))
    case 'status':
      return term.status === 'running' ? pipeline.running : pipeline.state === term.status
    case 'is':
      return pipeline[term.what]
    case 'failing':
      return pipeline.failingSince !== undefined && (term.longer ? now - pipeline.failingSince > term.ms : now - pipeline.failingSince < term.ms)
  }
}

/** Fuzzy: its letters in this order, with anything between them, as Concourse has it. */
export function textMatches({ kind, value }: Text, given: string): boolean {
  const text = given.toLowerCase()
  switch (kind) {
    case 'exact':
      return text === value
    case 'prefix':
      return text.startsWith(value)
    case 'fuzzy': {
      let from = 0
      for (const letter of value) {
        const at = text.indexOf(letter, from)
        if (at < 0) return false
        from = at + letter.length
      }
      return true
    }
  }
}
