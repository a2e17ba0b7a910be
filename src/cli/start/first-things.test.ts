import { expect, test } from 'vitest'
import { firstThings } from './first-things.ts'
import { plainLog } from './plain-log.ts'

const things = { url: 'http://127.0.0.1:8080', runtime: 'Podman 5', airside: 'bin/airside', demo: true }

test('who starts a server is told its address, the login and three things to try', () => {
  const told = firstThings({ ...things, login: { username: 'admin', password: 'secret', file: '/data/admin-password' } })
  expect(told).toContain('as admin with secret  (from /data/admin-password)')
  expect(told).toContain('bin/airside login -t demo -c http://127.0.0.1:8080 -u admin -p secret\n')
  expect(told).toContain('bin/airside trigger-job -t demo -j demo/correspond --watch\n')
  expect(told).toContain('fly -t demo watch -j demo/correspond\n')
})

test('without a login of its own, and without the demo, nothing is told that would not work', () => {
  const told = firstThings({ ...things, demo: false })
  expect(told).toContain('as your settings say')
  expect(told).not.toMatch(/ -u | -p \S+\n|correspond/)
})

test('a line of the log is shown as words', () => {
  expect(plainLog('{"level":40,"msg":"it failed","err":{"message":"no room"}}')).toBe('it failed: no room')
  expect(plainLog('{"level":40,"msg":"it failed"}')).toBe('it failed')
})
