import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asConcourse } from './testing/concourse.ts'
import { runTree, type Hooks, type Leaf, type Lists, type Tree } from './testing/tree.ts'

const tree = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 3, arbitrary: fc.record({ leaf: fc.constantFrom<Leaf>('succeeds', 'succeeds', 'fails', 'errors', 'aborts', 'times out') }) },
    {
      weight: 2,
      arbitrary: fc.record({
        node: fc.constantFrom<Lists>('do', 'in_parallel', 'in_parallel fail_fast', 'across', 'across fail_fast', 'attempts'), steps: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ node: fc.constantFrom('try' as const, 'timeout' as const), step: tie('tree') }) },
    { weight: 3, arbitrary: fc.record({ node: fc.constantFrom<Hooks>('on_success', 'on_failure', 'on_error', 'on_abort', 'ensure'), step: tie('tree'), hook: tie('tree') }) },
  ),
})).tree

test('any tree of steps runs the leaves that Concourse would run, and ends as it would', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (root) => {
      expect(await runTree(root)).toEqual(asConcourse(root))
    }),
    { numRuns: 3000 },
  )
})
