import { expect, test } from 'vitest'
import { nodeLabels, tolerationsOf } from './node-tags.ts'

test('each tag is a label of the domain', () => {
  const longest = `a${'b'.repeat(61)}c`
  expect(nodeLabels(['gpu', 'a.b_c-D', longest], 'tag.example')).toEqual({ ok: true, value: { 'tag.example/gpu': 'true', 'tag.example/a.b_c-D': 'true', [`tag.example/${longest}`]: 'true' } })
  expect(tolerationsOf({ 'tag.example/gpu': 'true' })).toEqual([{ key: 'tag.example/gpu', operator: 'Exists' }])
})

test.each(['', 'with space', '-x', 'x-', 'a/b', 'x'.repeat(64)])('tag %j can be no label, and the error says how tags are written', (tag) => {
  expect(nodeLabels(['gpu', tag], 'tag.example')).toEqual({ ok: false, error: expect.stringContaining(`tag ${JSON.stringify(tag)} cannot be a node's label`) as string })
})
