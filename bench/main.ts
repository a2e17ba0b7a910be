import { cpus, release, totalmem } from 'node:os'
import { messageOf } from '../src/lib/errors.ts'
import { openKubernetesPlace } from './kubernetes-place.ts'
import { manyBuilds } from './many-builds.ts'
import { oneTask } from './one-task.ts'
import { readOptions, usage, type BenchName, type BenchOptions } from './options.ts'
import type { Place } from './place.ts'
import { threeTasks } from './three-tasks.ts'
import { registryRoundTrip } from './registry-round-trip.ts'
import { jsonLine, table, type Finding } from './report.ts'

type Bench = (place: Place, runs: number, progress: (line: string) => void) => Promise<Finding[]>

const benches: Readonly<Partial<Record<BenchName, Bench>>> = { a: oneTask, b: threeTasks, c: manyBuilds }

const progress = (line: string) => process.stderr.write(`${line}\n`)
const open = { kubernetes: openKubernetesPlace }

async function main(options: BenchOptions): Promise<void> {
  for (const runtime of options.runtimes) {
    if (runtime === 'docker') continue
    const place = await open[runtime](progress)
    try {
      const cpu = cpus()
      const trip = await registryRoundTrip(place.registry)
      const machine = [
        place.description,
        `Node ${process.versions.node}`,
        `Linux ${release()}`,
        `${cpu.length} × ${cpu[0]?.model.trim() ?? 'CPU'}`,
        `${(totalmem() / 1e9).toFixed(0)} GB`,
        `registry's round trip ${trip.toFixed(1)} ms`,
      ].join(', ')
      if (!options.json) process.stdout.write(`${machine}\n\n`)
      for (const [name, bench] of Object.entries(benches)) {
        if (!options.only.has(name as BenchName)) continue
        for (const finding of await bench(place, options.runs, progress)) {
          process.stdout.write(options.json ? `${jsonLine(runtime, machine, finding)}\n` : `${table(finding)}\n`)
        }
      }
    } finally {
      await place.close()
    }
  }
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) process.stdout.write(usage)
  else await main(options)
} catch (error) {
  progress(messageOf(error))
  process.exitCode = 1
}
