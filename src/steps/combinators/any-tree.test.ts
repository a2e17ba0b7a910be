import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asConcourse } from './testing/concourse.ts'
import { runTree, type Hooks, type Leaf, type Lists, type Tree } from './testing/tree.ts'

const treeOf = (...leaves: readonly Leaf[]) => fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 3, arbitrary: fc.record({ leaf: fc.constantFrom<Leaf>('succeeds', 'succeeds', 'fails', 'errors', ...leaves) }) },
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

// Not both in one tree: what a build that is aborted after a timeout ends as depends on which of the two each combinator sees first.
test.each<[string, Leaf]>([['aborts', 'aborts'], ['timeouts', 'times out']])('any tree of steps with %s runs the leaves that Concourse would run, and ends as it would', async (_, leaf) => {
  await fc.assert(
    fc.asyncProperty(treeOf(leaf), async (root) => {
      expect(await runTree(root)).toEqual(asConcourse(root))
    }),
    { numRuns: 3000 },
  )
})
