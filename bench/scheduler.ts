import { performance } from 'node:perf_hooks'
import type { Input } from '../src/scheduler/algorithm/input.ts'
import type { Answer, Ask } from '../src/scheduler/algorithm/ask.ts'
import { resolve, type Outcome, type Unsatisfied } from '../src/scheduler/algorithm/resolve.ts'
import { World } from '../src/scheduler/algorithm/testing/world.ts'
import { table, type Finding } from './report.ts'
import { serviceBench } from './scheduler-service.ts'

const runs = 3

/** Version selection alone, on a store in memory: its own time without the store's, what it asks, and what it has on the heap at its end. */
function* schedulerBench(): Iterable<Finding> {
  yield deepHistory()
  yield manyInputs()
  yield* noSet()
}

/** 25 passed jobs of 800 builds each; only one old version passed all of them. */
function deepHistory(): Finding {
  const world = new World()
  const jobs = numbers(25)
  const random = noise(1)
  for (const version of numbers(4000)) world.versions.push({ resource: 1, version, order: version })
  for (const job of jobs) {
    for (const at of numbers(800)) {
      const build = at * 25 + job
      const version = at === 40 ? 200 : at * 5 - Math.floor(random() * 5)
      world.successes.push({ job, build, order: build, resources: [1], versions: [version] })
    }
  }
  return measure('one input passed 25 jobs, 20 000 builds', world, [{ name: 'rc', resource: 1, passed: jobs, every: false }])
}

/** 40 inputs passed two jobs that had 10 000 builds each: the newest go together. */
function manyInputs(): Finding {
  return measure('40 inputs passed 2 jobs of 10 000 builds', fortyInputs((build) => build), inputsOf(40))
}

/** Each input alone has common versions, and never all together. */
function* noSet(): Iterable<Finding> {
  const world = fortyInputs((build, input) => build + (input % 2))
  yield measure('40 inputs, 2 jobs of 10 000 builds, no set that satisfies, first', world, inputsOf(40))
  const { unsatisfied } = world.run(resolve(inputsOf(40)))
  yield measure('the same, nothing new', world, inputsOf(40), unsatisfied)
  world.successes.push({ job: 1, build: 90_000, order: 90_000, resources: numbers(40), versions: numbers(40).map(() => 10_000) })
  yield measure('the same, one success more', world, inputsOf(40), unsatisfied)
}

function fortyInputs(versionOfSecond: (build: number, input: number) => number): World {
  const world = new World()
  const resources = numbers(40)
  for (const version of numbers(10_001)) for (const resource of resources) world.versions.push({ resource, version, order: version })
  for (const at of numbers(10_000)) {
    world.successes.push({ job: 1, build: at, order: at, resources, versions: resources.map(() => at) })
    world.successes.push({ job: 2, build: 20_000 + at, order: 20_000 + at, resources, versions: resources.map((_, input) => versionOfSecond(at, input)) })
  }
  return world
}

const inputsOf = (count: number): Input[] => numbers(count).map((resource) => ({ name: `input-${resource}`, resource, passed: [1, 2], every: false }))

function measure(title: string, world: World, inputs: readonly Input[], earlier: readonly Unsatisfied[] = []): Finding {
  const series = { resolve: [] as number[], asks: [] as number[], heap_mb: [] as number[] }
  let outcome: Outcome | undefined
  for (let run = 0; run < runs; run++) {
    world.asked.length = 0
    const before = heap()
    const asking = resolve(inputs, earlier)
    let spent = 0
    const advance = (answer: Answer): IteratorResult<Ask, Outcome> => {
      const began = performance.now()
      // A generator ignores what its first step is given.
      const step = asking.next(answer)
      spent += performance.now() - began
      return step
    }
    let step = advance({ kind: 'none' })
    while (step.done !== true) {
      world.asked.push(step.value.kind)
      step = advance(world.answer(step.value))
    }
    outcome = step.value
    series.resolve.push(spent)
    series.asks.push(world.asked.filter((kind) => kind !== 'pause').length)
    series.heap_mb.push((heap() - before) / 1e6)
  }
  const asks = [...Map.groupBy(world.asked, (kind) => kind)].map(([kind, all]) => `${all.length} ${kind}`).join(' ')
  return { bench: 'scheduler', title, series, more: { resolved: outcome?.resolved === true, asks } }
}

/** Before garbage is collected again: what one run leaves, its garbage included. */
function heap(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state / 2 ** 32
  }
}

const part = process.env['AIRSIDE_BENCH_PART']
if (part === undefined || part === 'search') for (const finding of schedulerBench()) process.stdout.write(`${table(finding)}\n`)
if (part !== 'search') for await (const finding of serviceBench()) process.stdout.write(`${table(finding)}\n`)
