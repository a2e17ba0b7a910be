import { blocksOf } from './blocks.ts'

/** Where a job stands in a config, as toYaml() writes it; from 0. Undefined: the config has no such job. */
export function linesOfJob(yaml: string, job: string): { readonly first: number; readonly last: number } | undefined {
  const found = blocksOf(yaml).find(({ section, name }) => section === 'jobs' && name === job)
  return found && { first: found.first, last: found.first + found.lines.length - 1 }
}
