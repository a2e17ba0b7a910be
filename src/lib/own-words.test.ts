import { expect, it } from 'vitest'
import { ownWords } from './own-words.ts'

it.each([
  ['failed to pull image "r.io/timeout/denied:1": r.io/timeout/denied:1: not found', [], 'failed to pull image "…": …: not found'],
  ['Head "https://r.io/v2/rate-limit/manifests/1": connection refused', [], 'Head "…": connection refused'],
  ['sandbox for p-idmap-support-b1 in ci_p-idmap-support-b1 failed', ['p-idmap-support-b1'], 'sandbox for … in ci_… failed'],
  ['manifest for denied/x:1 not found', ['denied/x:1'], 'manifest for … not found'],
  ['reading manifest 1 in denied/x: unknown', ['denied/x:1@sha256:00'], 'reading manifest 1 in …: unknown'],
  ['server says "too many requests"', [], 'server says "too many requests"'],
])('leaves the words of %s', (text, names, words) => {
  expect(ownWords(text, names)).toBe(words)
})
