import { changesSomething } from '../auth/browser/csrf.ts'
import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import type { AuditEntry } from '../model/audit.ts'
import { auditGroupOf, Auditor, isAudited } from './audit.ts'
import { routes } from './routes.ts'

const route = (name: string) => {
  const found = routes.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no route ${name}`)
  return found
}

test('S18: all routes that change something are audited, but for webhooks; reads when they are refused or asked for', () => {
  const none = new Set<never>()
  expect(routes.filter((one) => changesSomething(one.method) && !isAudited(one, 200, none)).map(({ name }) => name)).toEqual(['CheckResourceWebHook'])
  expect(routes.filter((one) => !changesSomething(one.method) && isAudited(one, 200, none)).map(({ name }) => name)).toEqual(['HijackContainer'])
  expect([200, 401, 403, 404].map((status) => isAudited(route('ListTeams'), status, none))).toEqual([false, true, true, false])
  expect(['ListTeams', 'GetBuild'].map((name) => isAudited(route(name), 200, new Set(['build'])))).toEqual([false, true])
})

test.each([
  ['GetBuild', 'build'], ['ListJobBuilds', 'build'], ['ListContainers', 'container'], ['GetJob', 'job'], ['GetConfig', 'pipeline'], ['GetResource', 'resource'], ['CheckPrototype', 'resource'],
  ['GetTeam', 'team'], ['ListVolumes', 'volume'], ['ListWorkers', 'worker'], ['GetInfo', 'system'],
])('%s belongs to the group %s', (name, group) => {
  expect(auditGroupOf(route(name))).toBe(group)
})

const entry: Omit<AuditEntry, 'at'> = { action: 'SaveConfig', user: { id: 1, name: 'local:admin' }, subject: '/x', status: 200, address: '1.2.3.4' }

function auditor(add: (given: AuditEntry) => Promise<void>) {
  const [clock, errors] = [fakeClock(), [] as string[]]
  const log = { ...silentLog, error: (_fields: object, message: string) => void errors.push(message) }
  return { clock, errors, auditor: new Auditor({ store: { add, page: () => Promise.resolve([]) }, reads: new Set(), clock, log }) }
}

test('refusals of people without a valid token fill the table with no more than 100 entries a minute; those of persons are all there', async () => {
  const stored: AuditEntry[] = []
  const { auditor: audit, clock } = auditor((given) => Promise.resolve(void stored.push(given)))
  const stranger = { action: 'ListTeams', subject: '/x', status: 401, address: '1.2.3.4' }
  for (let count = 0; count < 150; count++) await audit.record(stranger)
  expect(stored).toHaveLength(100)
  await audit.record({ ...entry, status: 403 })
  expect(stored).toHaveLength(101)
  await clock.advance(60_000)
  await audit.record(stranger)
  expect(stored).toHaveLength(102)
})

test('what cannot be stored is an error in the log, and nothing fails for it', async () => {
  const { auditor: audit, errors } = auditor(() => Promise.reject(new Error('the database is away')))
  await audit.record(entry)
  expect(errors).toEqual(['an entry of the audit could not be stored'])
})
