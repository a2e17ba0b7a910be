import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { fail, ok } from '../model/result.ts'
import { LoginLimits } from './login-limits.ts'
import { passwordLogin, type PasswordLoginPorts } from './password-login.ts'
import type { PasswordConnector, PasswordProblem } from './ports.ts'

function world(problem?: PasswordProblem) {
  const asked: string[] = []
  const refused: string[] = []
  const connector = (id: string, names: readonly string[]): PasswordConnector => ({
    id,
    prompt: 'Username',
    knows: (name) => Promise.resolve(names.includes(name)),
    check(name, password) {
      asked.push(`${id}:${name}`)
      return Promise.resolve(problem !== undefined ? fail(problem) : password === 'right' ? ok({ connector: id, subject: name, name, groups: [] }) : fail({ kind: 'wrong' }))
    },
  })
  const ports: PasswordLoginPorts = {
    passwords: [connector('local', ['admin']), connector('ldap', [])],
    limits: new LoginLimits(fakeClock()),
    audit: { loggedIn: () => undefined, refused: ({ connector: by, name, reason }) => void refused.push(`${by}:${name} ${reason}`) },
    log: silentLog,
  }
  return { asked, refused, logIn: async (name: string, password: string) => passwordLogin(ports, { name, password, address: 'a' }) }
}

test('a local user is checked here, anybody else by the directory', async () => {
  const { asked, refused, logIn } = world()
  expect(await logIn('admin', 'right')).toMatchObject({ ok: true, value: { connector: 'local' } })
  expect(await logIn('jo', 'right')).toMatchObject({ ok: true, value: { connector: 'ldap' } })
  expect(await logIn('admin', 'wrong')).toMatchObject({ ok: false, error: { kind: 'wrong' } })
  expect(asked).toEqual(['local:admin', 'ldap:jo', 'local:admin'])
  expect(refused).toEqual(['local:admin wrong'])
})

test('an empty name or password, and long ones, are asked of nobody', async () => {
  const { asked, logIn } = world()
  for (const [name, password, kind] of [['', 'right', 'wrong'], ['jo', '', 'wrong'], ['x'.repeat(1025), 'right', 'too-long'], ['jo', 'x'.repeat(1025), 'too-long']] as const) {
    expect(await logIn(name, password)).toMatchObject({ ok: false, error: { kind } })
  }
  expect(asked).toEqual([])
  expect(await logIn('x'.repeat(1024), 'right')).toMatchObject({ ok: true })
})

test('what could not be checked is no failed login, and its reason is for the log only', async () => {
  const { refused, logIn } = world({ kind: 'unavailable', message: 'ECONNREFUSED 10.0.0.1:636' })
  for (let i = 0; i < 11; i++) expect(await logIn('jo', 'right')).toEqual({ ok: false, error: { kind: 'unavailable', message: 'passwords cannot be checked at the moment; try again later' } })
  expect(refused).toHaveLength(11)
})
