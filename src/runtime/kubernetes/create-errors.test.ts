import { expect, it } from 'vitest'
import type { ApiError } from './client/api-error.ts'
import { readCreateError } from './create-errors.ts'

const error = (status: number, reason: string, message: string): ApiError => ({ kind: 'api-error', status, reason, message })

it.each([
  ['another has the name', error(409, 'AlreadyExists', 'pods "x" already exists'), { kind: 'exists' }],
  [
    'a quota',
    error(403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2'),
    { kind: 'quota', message: 'exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2' },
  ],
  ['a young quota', error(403, 'Forbidden', 'pods "x" is forbidden: status unknown for quota: q, resources: pods'), { kind: 'transient' }],
  [
    'Pod Security',
    error(403, 'Forbidden', 'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsUser=0'),
    { kind: 'rejected', message: 'the namespace\'s Pod Security refuses the step\'s pod: it violates PodSecurity "restricted:latest": runAsUser=0' },
  ],
  ['no account', error(403, 'Forbidden', 'pods "x" is forbidden: error looking up service account ci/airside-step: serviceaccount "airside-step" not found'), { kind: 'rejected' }],
  ['no right', error(403, 'Forbidden', 'pods is forbidden: User "u" cannot create resource "pods"'), { kind: 'rejected' }],
  ['an old API server', error(422, 'Invalid', 'Pod "x" is invalid: spec.volumes[0]: Required value: must specify a volume type'), { kind: 'no-image-volumes' }],
  ['a bad name', error(422, 'Invalid', 'Pod "x" is invalid: spec.containers[0].image: Invalid value: ":"'), { kind: 'rejected' }],
  ['too many calls', error(429, 'TooManyRequests', 'slow down'), { kind: 'transient' }],
  ['a webhook is down', error(500, 'InternalError', 'failed calling webhook "w": connection refused'), { kind: 'transient' }],
  ['no answer in time', error(504, 'Timeout', 'request did not complete'), { kind: 'transient' }],
  ['nobody there', error(0, 'ECONNREFUSED', 'connect ECONNREFUSED'), { kind: 'transient' }],
])('%s', (_name, given, expected) => {
  expect(readCreateError(given)).toMatchObject(expected)
})
