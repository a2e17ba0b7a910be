import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Life } from './testing/mortal.ts'
import { freeLease, live, outcome, removeAfterEnd, worldOf } from './testing/lives.ts'

interface Shape {
  readonly kind: string
  readonly inner: readonly Shape[]
  readonly exit: string
}

const shapes = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ kind: fc.constant('task'), inner: fc.constant([]), exit: fc.constantFrom('0', '0', '0', '5', 'error') }),
    fc.record({
      kind: fc.constantFrom('do', 'in_parallel', 'one at a time', 'try', 'retry', 'timeout', 'across', 'across side by side', 'across until one fails', 'on_success', 'on_failure', 'on_error', 'on_abort', 'ensure'),
      inner: fc.array(tie('shape'), { minLength: 2, maxLength: 3 }),
      exit: fc.constant('0'),
    }),
  ),
})).shape

/** A step as JSON, which is YAML; every task has a name of its own. */
function stepOf(shape: Shape, path: string): object {
  const [first, second] = shape.inner.map((inner, index) => stepOf(inner, `${path}-${index}`))
  switch (shape.kind) {
    case 'task':
      return {
        task: path, params: { FAKE_STDOUT: `${path} says`, ...(shape.exit === 'error' ? { FAKE_ERROR: 'start-failed' } : { FAKE_EXIT: shape.exit }) },
        config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'b' } }, run: { path: 'x' } },
      }
    case 'do':
      return { do: [first, second] }
    case 'in_parallel':
      return { in_parallel: { steps: [first, second] } }
    case 'one at a time':
      return { in_parallel: { limit: 1, fail_fast: true, steps: [first, second] } }
    case 'try':
      return { try: first }
    case 'retry':
      return { do: [first], attempts: 2 }
    case 'timeout':
      return { do: [first, second], timeout: '1h' }
    case 'across':
      return { across: [{ var: `of-${path}`, values: ['a', 'b'] }], do: [first] }
    case 'across side by side':
      return { across: [{ var: `of-${path}`, values: ['a', 'b'], max_in_flight: 'all' }, { var: 'and', values: [1] }], do: [first, second] }
    case 'across until one fails':
      return { across: [{ var: `of-${path}`, values: ['a', 'b'] }], fail_fast: true, do: [first, second] }
    default:
      return { do: [first], [shape.kind]: second }
  }
}

test('any plan, whatever the deaths of its servers, is the same build', async () => {
  const strides = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(2), strides, async (shape, prepareAhead, lives) => {
      const text = `jobs: [{name: j, plan: ${JSON.stringify([stepOf(shape, 't')])}}]`
      const expected = worldOf(text)
      await live(expected, new Life())
      const world = worldOf(text, prepareAhead)
      for (const stride of [...lives, Infinity]) {
        if (world.store.row(world.buildId).status !== 'pending' && world.store.row(world.buildId).status !== 'started') break
        freeLease(world)
        await live(world, new Life((_point, count) => count === stride))
      }
      await removeAfterEnd(world)
      expect(outcome(world, true)).toEqual(outcome(expected, true))
    }),
    { numRuns: 300 },
  )
})
