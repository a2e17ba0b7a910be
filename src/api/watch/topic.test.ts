import { expect, test } from 'vitest'
import { parseTopic } from './topic.ts'

test.each([
  ['me', { kind: 'me' }],
  ['dashboard', { kind: 'dashboard' }],
  ['unfinished', { kind: 'unfinished' }],
  ['pipeline/7', { kind: 'pipeline', id: 7 }],
  ['job/7', { kind: 'job', id: 7 }],
  ['resource/7', { kind: 'resource', id: 7 }],
  ['build/7', { kind: 'build', id: 7 }],
  ['build/7/events?after=-1', { kind: 'events', id: 7, after: -1 }],
  ['build/7/events?after=12', { kind: 'events', id: 7, after: 12 }],
  ['builds', { kind: 'builds', query: '' }],
  ['builds?status=failed&team=a', { kind: 'builds', query: 'status=failed&team=a' }],
])('%s is a topic', (text, topic) => {
  expect(parseTopic(text)).toEqual(topic)
})

test.each(['', 'You', 'me/1', 'pipeline', 'pipeline/', 'pipeline/x', 'pipeline/-1', 'pipeline/1/events?after=1', 'build/1/events', 'build/1/events?after=x', 'build/1/events?after=-2', 'build/1234567890123456', `builds?${'x'.repeat(1024)}`])('%s is no topic', (text) => {
  expect(parseTopic(text)).toBeUndefined()
})
