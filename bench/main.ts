import { cpus, release, totalmem } from 'node:os'
import { messageOf } from '../src/lib/errors.ts'
import { bigArtifact } from './big-artifact.ts'
import { openDockerPlace } from './docker-place.ts'
import { imageBehind } from './image-behind.ts'
import { imageFetch } from './image-fetch.ts'
import { openKubernetesPlace } from './kubernetes-place.ts'
import { logLines } from './log-lines.ts'
import { manyBuilds } from './many-builds.ts'
import { oneTask } from './one-task.ts'
import { benchNames, readOptions, usage, type BenchName, type BenchOptions } from './options.ts'
import type { Place } from './place.ts'
import { registryRoundTrip } from './registry-round-trip.ts'
import { jsonLine, table, type Finding } from './report.ts'
import { closeServers } from './server.ts'
import { serverMemory } from './server-memory.ts'
import { taskFromFile } from './task-from-file.ts'
import { threeTasks } from './three-tasks.ts'

type Bench = (place: Place, runs: number, progress: (line: string) => void, sizes: readonly number[]) => Promise<Finding[]> | AsyncIterable<Finding>

const benches: Readonly<Record<BenchName, Bench>> = {
  a: oneTask,
  b: threeTasks,
  c: manyBuilds,
  d: logLines,
  e: bigArtifact,
  f: serverMemory,
  g: imageBehind,
  h: taskFromFile,
  images: imageFetch,
}
const open = { docker: openDockerPlace, kubernetes: openKubernetesPlace }

const progress = (line: string) => process.stderr.write(`${line}\n`)

async function main(options: BenchOptions): Promise<void> {
  for (const runtime of options.runtimes) {
    const place = await open[runtime](progress)
    const stopListening = onInterrupt(async () => {
      await closeServers()
      await place.close()
    })
    try {
      const machine = await describe(place)
      if (!options.json) process.stdout.write(`${machine}\n\n`)
      for (const name of benchNames) {
        if (!options.only.has(name)) continue
        for await (const finding of await benches[name](place, options.runs, progress, options.sizes)) {
          process.stdout.write(options.json ? `${jsonLine(runtime, machine, finding)}\n` : `${table(finding)}\n`)
        }
      }
    } finally {
      stopListening()
      await place.close()
    }
  }
}

/** Ctrl-C leaves nothing behind either; a second one waits for nothing. */
function onInterrupt(clean: () => Promise<void>): () => void {
  const stop = () => {
    progress('stopping')
    stopListening()
    clean()
      .catch((error: unknown) => progress(messageOf(error)))
      .finally(() => process.exit(130))
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  const stopListening = () => {
    for (const signal of signals) process.off(signal, stop)
  }
  for (const signal of signals) process.on(signal, stop)
  return stopListening
}

async function describe({ description, registry }: Place): Promise<string> {
  const cpu = cpus()
  const trip = await registryRoundTrip(registry)
  return [
    description,
    `Node ${process.versions.node}`,
    `Linux ${release()}`,
    `${cpu.length} × ${cpu[0]?.model.trim() ?? 'CPU'}`,
    `${(totalmem() / 1e9).toFixed(0)} GB`,
    `registry's round trip ${trip.toFixed(1)} ms`,
  ].join(', ')
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) process.stdout.write(usage)
  else await main(options)
} catch (error) {
  progress(messageOf(error))
  process.exitCode = 1
}
