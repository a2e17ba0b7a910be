import { parseArgs } from 'node:util'

export const benchNames = ['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const
export type BenchName = (typeof benchNames)[number]

export interface BenchOptions {
  readonly runtimes: readonly ('docker' | 'kubernetes')[]
  readonly only: ReadonlySet<BenchName>
  /** Of a bench whose run takes a second or so; others make fewer. */
  readonly runs: number
  readonly json: boolean
  readonly help: boolean
}

export const usage = `npm run bench -- [--runtime docker|kubernetes] [--only a,b,…] [--runs N] [--json]

  a  one trivial task, from its build's start to its end
  b  three tasks in a row with a small artifact, prepared ahead and not
  c  20 one-task builds at once
  d  200 000 log lines
  e  a 100 MB artifact from one task to the next
  f  resident memory of the server, idle and under c
  g  a 200 MB image that is not there, behind a step that runs longer than its pull

Each run of ours is followed by a run of its floor: the least that the runtime itself can do. bench/README.md tells more.
`

/** Throws one line about what is wrong with the arguments. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runtime: { type: 'string', multiple: true, default: ['docker', 'kubernetes'] },
      only: { type: 'string', default: benchNames.join(',') },
      runs: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const runs = Number(values.runs)
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: write it as a number from 1`)
  return {
    runtimes: values.runtime.map((name) => oneOf(['docker', 'kubernetes'] as const, name, '--runtime')),
    only: new Set(values.only.split(',').map((name) => oneOf(benchNames, name.trim(), '--only'))),
    runs,
    json: values.json,
    help: values.help,
  }
}

function oneOf<T extends string>(known: readonly T[], name: string, option: string): T {
  const found = known.find((candidate) => candidate === name)
  if (found === undefined) throw new Error(`${option} ${name}: it is one of ${known.join(', ')}`)
  return found
}
