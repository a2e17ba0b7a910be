import { expect, test } from 'vitest'
import { Redactor } from './redactor.ts'
import { redactError, Secrets } from './secrets.ts'

const redactorOf = (...secrets: string[]) => {
  const redactor = new Redactor()
  redactor.add(secrets)
  return redactor
}

test('what several hold is redacted, until they let go of it', () => {
  const secrets = new Secrets()
  secrets.keep(['of-the-process'])
  const growing = redactorOf()
  const release = secrets.hold(growing)
  growing.add(['of-a-build'])
  expect(secrets.redact('of-a-build of-the-process')).toBe('((redacted)) ((redacted))')
  release()
  expect(secrets.redact('of-a-build of-the-process')).toBe('of-a-build ((redacted))')
})

test.each([
  [['key'], ['key-of-a-file']],
  [['key-of-a-file'], ['key']],
  [['key-of'], ['of-a-file']],
  [['of-a-file'], ['key-of'], ['a']],
])('a secret that is a part of another one, or overlaps it, shows nothing of it: %j %j', (...held) => {
  const secrets = new Secrets()
  for (const some of held) secrets.keep(some)
  expect(secrets.redact('the key-of-a-file is')).toBe('the ((redacted)) is')
})

test('an error keeps its class, and loses secrets from its words, its stack and its causes', () => {
  const cause = new TypeError('cause hunter2')
  const error = new RangeError('no hunter2', { cause })
  const shown = redactError(redactorOf('hunter2'), error)
  expect(shown).toBeInstanceOf(RangeError)
  expect([error.message, cause.message]).toEqual(['no ((redacted))', 'cause ((redacted))'])
  expect(`${error.stack} ${cause.stack}`).not.toContain('hunter2')
  expect(`${error.stack}`).toContain('secrets.test.ts')
})
