/** Where a job stands in a config, as toYaml() writes it; from 0. Undefined: the config has no such job. */
export function linesOfJob(yaml: string, job: string): { readonly first: number; readonly last: number } | undefined {
  const lines = yaml.trimEnd().split('\n')
  const jobs = lines.indexOf('jobs:')
  if (jobs < 0) return undefined
  const after = lines.findIndex((line, at) => at > jobs && /^[^\s-]/.test(line))
  const end = after < 0 ? lines.length : after
  const starts = lines.flatMap((line, at) => (at > jobs && at < end && line.startsWith('- ') ? [at] : []))
  const names = [`name: ${job}`, `name: ${JSON.stringify(job)}`]
  for (const [index, first] of starts.entries()) {
    const last = (starts[index + 1] ?? end) - 1
    if (lines.slice(first, last + 1).some((line) => /^(?:- | {2})name:/.test(line) && names.includes(line.slice(2)))) return { first, last }
  }
  return undefined
}
