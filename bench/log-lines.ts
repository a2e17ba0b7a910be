import { createHash } from 'node:crypto'
import type { BuildEvents } from '../src/db/build-events.ts'
import type { Place } from './place.ts'
import type { Finding } from './report.ts'
import { openServer } from './server.ts'
import { medianOf } from './statistics.ts'
import { planOf } from './tasks.ts'

const lines = 200_000
const script = `awk 'BEGIN { for (i = 1; i <= ${lines}; i++) print "line", i, "of ${lines}: what a build has to say" }'`
const wanted = digestOf(Array.from({ length: lines }, (_, index) => `line ${index + 1} of ${lines}: what a build has to say\n`).join(''))

/** (d) 200 000 lines: from the first one here to the build's end, all of them saved; against the runtime's own log of the same, followed. */
export async function logLines(place: Place, runs: number, progress: (line: string) => void): Promise<Finding[]> {
  const server = await openServer(place)
  const plan = planOf([{ name: 'talk', repository: place.repository, script }])
  const ours: number[] = []
  const floor: number[] = []
  const complete = { ours: 0, floor: 0 }
  try {
    for (let run = -1; run < runs; run += 1) {
      const { buildId, ended, steps } = await server.run(await server.create(plan))
      await server.quiet()
      const saved = await savedLog(server.app.stores.events, buildId)
      const bare = await place.followLog(script)
      if (run < 0) continue
      const { firstOutput = Number.NaN } = steps[0] ?? {}
      ours.push(ended - firstOutput)
      floor.push(bare.ms)
      if (isComplete('the saved log', saved, progress)) complete.ours += 1
      if (isComplete("the runtime's own log", bare.text, progress)) complete.floor += 1
      progress(`(d) ${run + 1} of ${runs}: ${(ended - firstOutput).toFixed(0)} ms, the runtime's own log ${bare.ms.toFixed(0)} ms`)
    }
  } finally {
    await server.close()
  }
  const perSecond = (ms: number) => (lines / ms) * 1000
  const series = { ours, floor, ours_lines_per_s: ours.map(perSecond), floor_lines_per_s: floor.map(perSecond) }
  const more = { lines, ours_complete: `${complete.ours} of ${runs} runs`, floor_complete: `${complete.floor} of ${runs} runs` }
  return [{ bench: 'd', title: `${lines} log lines, from the first to all of them saved`, series, ratio: medianOf(ours) / medianOf(floor), goal: 'every line once, in order', more }]
}

/** All that the build's log says, with plain line ends: a task has a terminal. */
async function savedLog(events: BuildEvents, buildId: number): Promise<string> {
  const parts: string[] = []
  for (let after = -1; ; ) {
    const page = await events.read(buildId, after, 1000)
    for (const { type, payload } of page) if (type === 'log') parts.push((JSON.parse(payload) as { payload: string }).payload)
    const last = page.at(-1)
    if (last === undefined) return parts.join('').replaceAll('\r\n', '\n')
    after = last.id
  }
}

function isComplete(what: string, text: string, progress: (line: string) => void): boolean {
  if (digestOf(text) === wanted) return true
  const got = text.split('\n')
  const at = got.findIndex((line, index) => !line.startsWith(`line ${index + 1} of `))
  progress(`(d) ${what} is not what was printed: ${got.length - 1} lines; line ${at + 1}: ${JSON.stringify(got[at]?.slice(0, 200))}`)
  return false
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
