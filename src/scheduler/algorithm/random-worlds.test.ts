import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Answer, Ask } from './ask.ts'
import { unusable } from './input.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { resolve } from './resolve.ts'
import { randomWorld, type RandomWorld } from './testing/random-world.ts'
import { holds, reference } from './testing/reference.ts'

/** AIRSIDE_WORLDS=100000 for a long run. */
const worlds = Number(process.env['AIRSIDE_WORLDS'] ?? 3000)

interface Alterations {
  readonly limits?: Partial<Limits>
  readonly alter?: (ask: Ask, answer: Answer) => Answer
}

/** What the random choice of limits, the algorithm and the reference say of one world; throws where they differ. */
function compare({ world, inputs, limits: small }: RandomWorld, { limits, alter }: Alterations = {}): void {
  const outcome = world.run(resolve(inputs, [], { ...defaultLimits, ...small, ...limits }), alter)
  const wanted = reference(world, inputs)
  const found = outcome.resolved ? new Map([...outcome.inputs].map(([name, one]) => [name, one.kind === 'resolved' ? one.version : 0])) : undefined
  if (found !== undefined && !holds(world, inputs, found)) throw new Error('choice does not satisfy the constraints')
  expect(found && Object.fromEntries(found)).toEqual(wanted && Object.fromEntries(wanted))
}

test(`resolve agrees with the reference on ${worlds} random worlds`, { timeout: 3_600_000 }, () => {
  fc.assert(
    fc.property(randomWorld, (random) => compare(random)),
    { numRuns: worlds },
  )
})

test('a group without solution is judged alike when successes are added', () => {
  fc.assert(
    fc.property(randomWorld, (random) => {
      const { world, inputs } = random
      const limits = { ...defaultLimits, ...random.limits }
      const added = world.successes.splice(Math.floor(world.successes.length / 2))
      let { unsatisfied } = world.run(resolve(inputs, [], limits))
      for (const success of added) {
        world.successes.push(success)
        const outcome = world.run(resolve(inputs, unsatisfied, limits))
        expect(outcome.resolved).toBe(reference(world, inputs) !== undefined)
        unsatisfied = outcome.unsatisfied
      }
    }),
    { numRuns: Math.ceil(worlds / 4) },
  )
})

const bugs: Readonly<Record<string, Alterations>> = {
  'failed sets are remembered without a separator between ids': { limits: { nogoodKey: (versions) => versions.join('') } },
  'a domain lacks its last version': {
    alter: (ask, answer) => (ask.kind === 'domain' && answer.kind === 'versions' && answer.versions.length < ask.limit ? { kind: 'versions', versions: answer.versions.slice(0, -1) } : answer),
  },
  'what is read at once is never asked whether it can be used': {
    alter: (ask, answer) => (ask.kind === 'usable' ? { kind: 'usable', usable: ask.versions.map(() => true) } : answer),
  },
  'a spoiled build vouches': {
    alter: (_, answer) => {
      if (answer.kind !== 'successes') return answer
      const successes = answer.successes.map((success) => {
        const usable = [...success.versions.keys()].filter((at) => success.versions[at] !== unusable)
        return { ...success, resources: usable.map((at) => success.resources[at] ?? 0), versions: usable.map((at) => success.versions[at] ?? 0) }
      })
      return { ...answer, successes }
    },
  },
}

test.each(Object.entries(bugs))('the random worlds find a planted bug: %s', (_, alterations) => {
  const { failed } = fc.check(
    fc.property(randomWorld, (random) => compare(random, alterations)),
    { numRuns: 50_000, endOnFailure: true, seed: 1 },
  )
  expect(failed).toBe(true)
})
