import { expect, test } from 'vitest'
import { commandsOf } from './fences.ts'

test('commands of a document are its sh blocks, with the reason why one is not run', () => {
  const text = ['# T', '```sh', 'a # says why', 'b \\', '  c', '```', '', '<!-- not run by the tests: it needs a cluster -->', '```sh', 'd', '```', '```yaml', 'e: 1', '```'].join('\n')
  expect(commandsOf(text)).toEqual([
    { line: 3, script: 'a # says why\nb \\\n  c', notRun: undefined },
    { line: 10, script: 'd', notRun: 'it needs a cluster' },
  ])
})

test('a block without a language or without an end is refused with its line', () => {
  expect(() => commandsOf('one\n```\nnpm test\n```\n')).toThrow('line 2: the block names no language')
  expect(() => commandsOf('```sh\nnpm test\n')).toThrow('line 1: the block has no end')
})
