import { expect, test } from 'vitest'
import { readPulled } from './pulled-event.ts'

const step = { fieldPath: 'spec.containers{step}' }

test.each([
  ['pulled', 'Successfully pulled image "r.io/x:1@sha256:ab" in 1.234s (1.234s including waiting). Image size: 4711 bytes.', { kind: 'pulled', ms: 1234, at: 7 }],
  ['pulled, minutes', 'Successfully pulled image "r.io/x" in 1m2.5s (2m0s including waiting). Image size: 1 bytes.', { kind: 'pulled', ms: 62_500, at: 7 }],
  ['pulled, an older kubelet', 'Successfully pulled image "r.io/x" in 350ms', { kind: 'pulled', ms: 350, at: 7 }],
  ['there already', 'Container image "r.io/x:1" already present on machine', { kind: 'cached', at: 7 }],
  ['there already, Kubernetes 1.35', 'Container image "r.io/x:1" already present on machine and can be accessed by the pod', { kind: 'cached', at: 7 }],
  ['other words', 'Pulled it', undefined],
  ['no duration', 'Successfully pulled image "r.io/x" in no time', undefined],
])('%s', (_case, message, expected) => {
  expect(readPulled({ reason: 'Pulled', message, involvedObject: step }, 7)).toEqual(expected)
})

test("another container's image is not the step's", () => {
  expect(readPulled({ message: 'Container image "x" already present on machine', involvedObject: { fieldPath: 'spec.containers{airside-supervisor}' } }, 7)).toBeUndefined()
})
