import { parseArgs } from 'node:util'

/** What runs unless something is named. */
export const usualBenches = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const
export const benchNames = [...usualBenches, 'images'] as const
export type BenchName = (typeof benchNames)[number]

export interface BenchOptions {
  readonly runtimes: readonly ('docker' | 'kubernetes')[]
  readonly only: ReadonlySet<BenchName>
  /** Of a bench whose run takes a second or so; others make fewer. */
  readonly runs: number
  /** Of the images that are fetched, in MB. */
  readonly sizes: readonly number[]
  readonly json: boolean
  readonly help: boolean
}

export const usage = `npm run bench -- [NAME…] [--runtime docker|kubernetes] [--only a,b,…] [--runs N] [--sizes MB,MB,…] [--json]

  a  one trivial task, from its build's start to its end
  b  three tasks in a row with a small artifact, prepared ahead and not
  c  20 one-task builds at once
  d  200 000 log lines
  e  a 100 MB artifact from one task to the next
  f  resident memory of the server, idle and under c
  g  a 200 MB image that is not there, behind a step that runs longer than its pull
  h  a get, a task from a file, a put

  On kubernetes a, b, c and h also run in warm sandboxes, in the same rounds, and tell the processor time of a step.

  images  native image fetch against a get step's: images of 10, 100 and 500 MB (--sizes), on the node and not; and how many
          images are resolved in a second. Only when it is named: it takes a quarter of an hour for each runtime, and 5 GB of disk meanwhile

  scheduler  version selection, and passes on a database    alone, without options: these need no runtime, and take half a minute to ten minutes
  redaction  taking 1 000 secrets out of a log
  api        event streams to 1 000 watchers, lists of 1 000 pipelines, set-pipeline, logins
  checks     40 000 checks of resources a minute, on an embedded database; on the one that AIRSIDE_BENCH_POSTGRES names, which is empty
  web        the web UI: dashboard, logs and graphs, in Chromium

Without a name, a to h run on both runtimes: half an hour each. Each run of ours is followed by a run of its floor: the least that the runtime itself can do. bench/README.md tells more.
`

/** Throws one line about what is wrong with the arguments. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runtime: { type: 'string', multiple: true, default: ['docker', 'kubernetes'] },
      only: { type: 'string' },
      runs: { type: 'string', default: '20' },
      sizes: { type: 'string', default: '10,100,500' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const named = [...positionals, ...(values.only?.split(',') ?? [])].map((name) => oneOf(benchNames, name.trim(), 'bench'))
  return {
    runtimes: values.runtime.map((name) => oneOf(['docker', 'kubernetes'] as const, name, '--runtime')),
    only: new Set(named.length > 0 ? named : usualBenches),
    runs: fromOne('--runs', values.runs),
    sizes: values.sizes.split(',').map((size) => fromOne('--sizes', size)),
    json: values.json,
    help: values.help,
  }
}

function fromOne(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} ${text}: write it as a number from 1`)
  return number
}

function oneOf<T extends string>(known: readonly T[], name: string, option: string): T {
  const found = known.find((candidate) => candidate === name)
  if (found === undefined) throw new Error(`${option} ${name}: it is one of ${known.join(', ')}`)
  return found
}
