import { describe, expect, test } from 'vitest'
import { asConcourse } from './testing/concourse.ts'
import { runTree, type Hooks, type Leaf, type Lists, type Tree } from './testing/tree.ts'

const leaves: readonly Leaf[] = ['succeeds', 'fails', 'errors', 'aborts', 'times out']
const [succeeds, fails, errors, aborts] = leaves.map((leaf): Tree => ({ leaf })) as [Tree, Tree, Tree, Tree]
const list = (node: Lists, ...steps: readonly Tree[]): Tree => ({ node, steps })
const hook = (node: Hooks, step: Tree, own: Tree): Tree => ({ node, step, hook: own })

/**
 * What a combinator makes of a child x that succeeds, fails, errors, aborts and times out, in this order, by the documentation of Concourse:
 * s, f, e, a. The list of leaves that ran follows for each, by its names in the pattern; x is what is asked about.
 */
const rows: readonly (readonly [pattern: string, around: (x: Tree) => Tree, expected: string])[] = [
  ['x alone', (x) => x, 'sfeaf'],
  ['do: [x, ok]', (x) => list('do', x, succeeds), 'sfeaf'],
  ['do: [ok, x]', (x) => list('do', succeeds, x), 'sfeaf'],
  ['in_parallel: [x, ok]', (x) => list('in_parallel', x, succeeds), 'sfeaf'],
  ['in_parallel: [fails, x]', (x) => list('in_parallel', fails, x), 'ffeaf'],
  ['in_parallel: [errors, x]', (x) => list('in_parallel', errors, x), 'eeeae'],
  ['in_parallel: [x, ok], fail_fast', (x) => list('in_parallel fail_fast', x, succeeds), 'sfeaf'],
  ['in_parallel: [fails, x], fail_fast', (x) => list('in_parallel fail_fast', fails, x), 'fffff'],
  ['in_parallel: [errors, x], fail_fast', (x) => list('in_parallel fail_fast', errors, x), 'eeeee'],
  ['across: [x, ok]', (x) => list('across', x, succeeds), 'sfeaf'],
  ['across: [fails, x]', (x) => list('across', fails, x), 'ffeaf'],
  ['across: [x, ok], fail_fast', (x) => list('across fail_fast', x, succeeds), 'sfeaf'],
  ['across: [fails, x], fail_fast', (x) => list('across fail_fast', fails, x), 'fffff'],
  ['try: x', (x) => ({ node: 'try', step: x }), 'sssas'],
  ['timeout around x', (x) => ({ node: 'timeout', step: x }), 'sfeaf'],
  ['timeout around do: [ok, x]', (x) => ({ node: 'timeout', step: list('do', succeeds, x) }), 'sfeaf'],
  ['attempts: x, then ok', (x) => list('attempts', x, succeeds), 'sssas'],
  ['attempts: x, then fails', (x) => list('attempts', x, fails), 'sffaf'],
  ['attempts: fails, then x', (x) => list('attempts', fails, x), 'sfeaf'],
  ['attempts: errors, then x', (x) => list('attempts', errors, x), 'sfeaf'],
  ['x, on_success: ok', (x) => hook('on_success', x, succeeds), 'sfeaf'],
  ['ok, on_success: x', (x) => hook('on_success', succeeds, x), 'sfeaf'],
  ['fails, on_success: x', (x) => hook('on_success', fails, x), 'fffff'],
  ['x, on_failure: ok', (x) => hook('on_failure', x, succeeds), 'sfeaf'],
  ['fails, on_failure: x', (x) => hook('on_failure', fails, x), 'ffeaf'],
  ['ok, on_failure: x', (x) => hook('on_failure', succeeds, x), 'sssss'],
  ['errors, on_failure: x', (x) => hook('on_failure', errors, x), 'eeeee'],
  ['x, on_error: ok', (x) => hook('on_error', x, succeeds), 'sfeaf'],
  ['errors, on_error: x', (x) => hook('on_error', errors, x), 'eeeee'],
  ['fails, on_error: x', (x) => hook('on_error', fails, x), 'fffff'],
  ['x, on_abort: ok', (x) => hook('on_abort', x, succeeds), 'sfeaf'],
  ['aborts, on_abort: x', (x) => hook('on_abort', aborts, x), 'aaaaa'],
  ['errors, on_abort: x', (x) => hook('on_abort', errors, x), 'eeeee'],
  ['x, ensure: ok', (x) => hook('ensure', x, succeeds), 'sfeaf'],
  ['ok, ensure: x', (x) => hook('ensure', succeeds, x), 'sfeaf'],
  ['fails, ensure: x', (x) => hook('ensure', fails, x), 'ffeaf'],
  ['errors, ensure: x', (x) => hook('ensure', errors, x), 'eeeae'],
  ['aborts, ensure: x', (x) => hook('ensure', aborts, x), 'aaaaa'],
]
const letters: Readonly<Record<string, string>> = { s: 'succeeded', f: 'failed', e: 'errored', a: 'aborted' }

/**
 * Two children, a and b: five letters for each end of a, in the order of `leaves`; each letter is the outcome with one end of b, in the same order.
 */
const pairs: readonly (readonly [pattern: string, around: (a: Tree, b: Tree) => Tree, expected: string])[] = [
  ['do: [a, b]', (a, b) => list('do', a, b), 'sfeaf fffff eeeee aaaaa fffff'],
  ['in_parallel: [a, b]', (a, b) => list('in_parallel', a, b), 'sfeaf ffeaf eeeae aaaaa ffeaf'],
  ['in_parallel: [a, b], fail_fast', (a, b) => list('in_parallel fail_fast', a, b), 'sfeaf fffff eeeee aaaaa fffff'],
  ['across: [a, b]', (a, b) => list('across', a, b), 'sfeaf ffeaf eeeae aaaaa ffeaf'],
  ['across: [a, b], fail_fast', (a, b) => list('across fail_fast', a, b), 'sfeaf fffff eeeee aaaaa fffff'],
  ['attempts: a, then b', (a, b) => list('attempts', a, b), 'sssss sfeaf sfeaf aaaaa sfeaf'],
  ['a, on_success: b', (a, b) => hook('on_success', a, b), 'sfeaf fffff eeeee aaaaa fffff'],
  ['a, on_failure: b', (a, b) => hook('on_failure', a, b), 'sssss ffeaf eeeee aaaaa ffeaf'],
  ['a, on_error: b', (a, b) => hook('on_error', a, b), 'sssss fffff eeeee aaaaa fffff'],
  ['a, on_abort: b', (a, b) => hook('on_abort', a, b), 'sssss fffff eeeee aaaaa fffff'],
  ['a, ensure: b', (a, b) => hook('ensure', a, b), 'sfeaf ffeaf eeeae aaaaa ffeaf'],
  ['try: a, then b', (a, b) => list('do', { node: 'try', step: a }, b), 'sfeaf sfeaf sfeaf aaaaa sfeaf'],
  ['timeout around do: [a, b]', (a, b) => ({ node: 'timeout', step: list('do', a, b) }), 'sfeaf fffff eeeee aaaaa fffff'],
]

describe('truth tables of combinators', () => {
  test.each(pairs)('%s, each end with each', async (_pattern, around, expected) => {
    const outcomes = expected.split(' ').map((row) => [...row].map((letter) => letters[letter]))
    const table = (outcomeOf: (tree: Tree) => unknown) => Promise.all(leaves.map((a) => Promise.all(leaves.map((b) => outcomeOf(around({ leaf: a }, { leaf: b }))))))
    expect(await table((tree) => asConcourse(tree).outcome)).toEqual(outcomes)
    expect(await table(async (tree) => (await runTree(tree)).outcome)).toEqual(outcomes)
  })

  test.each(rows)('%s', async (_pattern, around, expected) => {
    const outcomes = [...expected].map((letter) => letters[letter])
    expect(leaves.map((leaf) => asConcourse(around({ leaf })).outcome)).toEqual(outcomes)
    expect((await Promise.all(leaves.map((leaf) => runTree(around({ leaf }))))).map(({ outcome }) => outcome)).toEqual(outcomes)
  })

  test.each(rows)('%s, inside of each other one', async (_pattern, inner) => {
    for (const [pattern, outer] of rows) {
      for (const leaf of leaves) {
        const tree = outer(inner({ leaf }))
        expect(await runTree(tree), `x ${leaf}, in ${pattern}`).toEqual(asConcourse(tree))
      }
    }
  })
})
