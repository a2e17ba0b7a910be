import fc from 'fast-check'
import type { Input } from '../input.ts'
import type { Limits } from '../limits.ts'
import { World } from './world.ts'

export interface RandomWorld {
  readonly world: World
  readonly inputs: readonly Input[]
  /** Small ones, so that small worlds go through all means of the search. */
  readonly limits: Partial<Limits>
}

/** One and several digits that make each other up: a key without separators takes some for others. */
const ids = [1, 11, 111, 2, 12, 112, 21, 121, 211]

const parts = fc.record({
  jobs: fc.integer({ min: 1, max: 4 }),
  resources: fc.integer({ min: 1, max: 4 }),
  inputs: fc.array(fc.record({ resource: fc.nat(3), passed: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }), pin: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(8) }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  successes: fc.array(
    fc.record({
      job: fc.nat(3),
      rerun: fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(11) }),
      // A version of most resources, and perhaps a second one of some.
      lists: fc.tuple(...[0, 1, 2, 3].map((resource) => fc.tuple(fc.constant(resource), fc.option(fc.nat(8), { freq: 7 })))),
      second: fc.array(fc.tuple(fc.nat(3), fc.nat(8)), { maxLength: 1 }),
    }),
    { maxLength: 18 },
  ),
  unusable: fc.array(fc.tuple(fc.nat(3), fc.nat(8), fc.boolean()), { maxLength: 3 }),
  versions: fc.oneof(fc.constantFrom(2, 3), fc.integer({ min: 2, max: 9 })),
  limits: fc.record({
    page: fc.integer({ min: 1, max: 4 }),
    largePage: fc.integer({ min: 1, max: 4 }),
    domain: fc.integer({ min: 0, max: 4 }),
    domainAfter: fc.constantFrom(0, 3, 1000),
    columnsAfter: fc.constantFrom(0, 6, 1000),
    pauseEvery: fc.integer({ min: 1, max: 9 }),
  }),
})

export const randomWorld: fc.Arbitrary<RandomWorld> = parts.map((drawn) => {
  const world = new World()
  const version = (at: number): number => ids[at % drawn.versions] ?? 1
  for (let resource = 1; resource <= drawn.resources; resource++) {
    for (let at = 0; at < drawn.versions; at++) {
      const barred = drawn.unusable.find(([one, other]) => 1 + (one % drawn.resources) === resource && other % drawn.versions === at)
      const gone = barred?.[2] === true
      if (!gone) world.versions.push({ resource, version: version(at), order: at + 1, disabled: barred !== undefined, content: { ver: String(at) } })
    }
  }
  for (const [at, { job, rerun, lists, second }] of drawn.successes.entries()) {
    const own = 1 + (job % drawn.jobs)
    const original = rerun === null ? undefined : world.successes[rerun]
    const listed = [...lists, ...second].flatMap(([resource, of]) => (of === null ? [] : [{ resource: 1 + (resource % drawn.resources), version: version(of) }]))
    world.successes.push({
      job: own,
      build: 8 + at,
      order: original?.job === own ? original.order : 8 + at,
      resources: listed.map(({ resource }) => resource),
      versions: listed.map((one) => one.version),
    })
  }
  const inputs = drawn.inputs.map(({ resource, passed, pin }, at) => {
    const known = world.versions.find((one) => one.resource === 1 + (resource % drawn.resources) && pin !== null && one.version === version(pin))
    return {
      name: `input-${at}`,
      resource: 1 + (resource % drawn.resources),
      passed: [...new Set(passed.map((job) => 1 + (job % drawn.jobs)))],
      every: false,
      ...(known?.content && { pin: known.content, pinned: known.version }),
    }
  })
  return { world, inputs, limits: drawn.limits }
})
