import { expect, test } from 'vitest'
import { Redactor } from '../../lib/redactor.ts'
import { targetsOf } from './source-target.ts'

const redactor = new Redactor()
redactor.add(['hunter2', 's3/cr@et', 'https://hooks.example/T0/token'])
const target = (uri: string): string | undefined => targetsOf({ uri }, (text) => redactor.redact(text))[0]

test.each<[string, string | undefined]>([
  ['https://github.com/acme/app.git', 'github.com/acme/app.git'],
  ['https://me:plain-canary@github.com/acme/app', 'github.com/acme/app'],
  ['https://plain-canary@github.com:8443/acme', 'github.com:8443/acme'],
  ['ssh://git@[::1]:22/acme', '[::1]:22/acme'],
  ['git@github.com:acme/app.git', 'github.com:acme/app.git'],
  ['https://host.example/a?token=canary#canary', 'host.example/a'],
  ['registry.example:5000/team/app', 'registry.example:5000/team/app'],
  ['my-bucket', 'my-bucket'],
  ['https://me:s3/cr@et@github.com/acme', 'github.com/acme'],
  ['https://hooks.example/T0/token', '((redacted))'],
  ['git@((redacted)):a', '((redacted)):a'],
  // Not to be told apart from a host and a path with an @ in it.
  ['https://me:canary/canary@github.com/acme', undefined],
  ['https://me:1/canary@github.com/acme', undefined],
  ['https://canary/canary@github.com/acme', undefined],
  ['https://me:can@ary@github.com/acme', undefined],
  ['https://me:canary?x@github.com/acme', undefined],
  ['https://me:1?canary@github.com/acme', undefined],
  ['https://me:1#canary@github.com/acme', undefined],
  ['me:canary/canary@host/acme', undefined],
  ['//me:canary@host', undefined],
  ['https:/me:canary@host/x', undefined],
  ['https://me:can ary@host/x', undefined],
  ['', undefined],
])('of %j shows %j', (uri, shown) => {
  expect(target(uri)).toBe(shown)
  expect(String(target(uri))).not.toMatch(/canary|hunter2/)
})
