import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { slapdReason, startSlapd, type Slapd } from '../../../test/services/slapd.ts'
import { LdapConnector, type LdapOptions } from './ldap.ts'

const reason = await slapdReason()
const people = 'ou=people,dc=example,dc=org'
const teams = 'ou=teams,dc=example,dc=org'

describe.skipIf(reason !== undefined)(`with OpenLDAP's server${reason === undefined ? '' : ` (left out: ${reason})`}`, () => {
  let server: Slapd
  beforeAll(async () => {
    server = await startSlapd()
    for (const [dn, ou] of [[people, 'people'], [teams, 'teams']] as const) await server.add(dn, { objectClass: 'organizationalUnit', ou })
    const person = (uid: string, more: Readonly<Record<string, string>> = {}) =>
      server.add(`uid=${uid},${people}`, { objectClass: 'inetOrgPerson', uid, cn: `${uid} Doe`, sn: 'Doe', userPassword: `password of ${uid}`, ...more })
    await person('jo', { mail: 'jo@example.org', employeeNumber: '7' })
    await person('jürgen')
    await person('max', { employeeNumber: '7' })
    const group = (cn: string, ...members: string[]) => server.add(`cn=${cn},${teams}`, { objectClass: 'groupOfNames', cn, member: members.map((uid) => `uid=${uid},${people}`) })
    await group('dev', 'jo', 'jürgen')
    await group('ops', 'jo')
    await group('others', 'max')
  })
  afterAll(() => server.stop())

  const groups: LdapOptions['groups'] = { baseDn: teams, filter: '(objectClass=groupOfNames)', scope: 'sub', userAttribute: 'DN', groupAttribute: 'member', nameAttribute: 'cn' }
  const options = (more: Partial<LdapOptions> = {}): LdapOptions => ({
    host: server.host, tls: 'none', authorities: [], bindDn: server.adminDn, bindPassword: server.adminPassword, prompt: 'Username',
    users: { baseDn: people, filter: '(objectClass=inetOrgPerson)', scope: 'sub', username: 'uid', idAttribute: 'uid', nameAttribute: 'uid', emailAttribute: 'mail' },
    groups,
    ...more,
  })
  const check = (name: string, password: string, more?: Partial<LdapOptions>) => new LdapConnector(options(more)).check(name, password)

  test('a person is let in with the right password, and is in the groups that name the entry', async () => {
    expect(await check('jo', 'password of jo')).toEqual({ ok: true, value: { connector: 'ldap', subject: 'jo', name: 'jo', email: 'jo@example.org', groups: ['dev', 'ops'] } })
    expect(await check('jürgen', 'password of jürgen')).toMatchObject({ ok: true, value: { subject: 'jürgen', groups: ['dev'] } })
  })

  test.each([
    ['jo', 'wrong'],
    ['nobody', 'password of jo'],
    ['*', 'password of jo'],
    ['jo)(uid=*', 'password of jo'],
    ['j\\6f', 'password of jo'],
    ['jo\0', 'password of jo'],
  ])('%j with %j is wrong: what is typed is a name and no filter', async (name, password) => {
    expect(await check(name, password)).toEqual({ ok: false, error: { kind: 'wrong' } })
  })

  test('attributes may be others', async () => {
    const users = { ...options().users, username: 'mail', idAttribute: 'entryUUID', nameAttribute: 'cn' }
    const checked = await check('jo@example.org', 'password of jo', { users, groups: { ...groups, userAttribute: 'uid', groupAttribute: 'cn' } })
    expect(checked).toMatchObject({ ok: true, value: { name: 'jo Doe', subject: expect.stringMatching(/^[0-9a-f-]{36}$/) as string, groups: [] } })
  })

  test('a name that several entries have lets nobody in', async () => {
    const users = { ...options().users, username: 'employeeNumber' }
    expect(await check('7', 'password of jo', { users })).toEqual({ ok: false, error: { kind: 'unavailable', message: expect.stringContaining('several entries') as string } })
  })

  test('an entry without the attribute of its id lets nobody in', async () => {
    const users = { ...options().users, idAttribute: 'employeeNumber' }
    expect(await check('jürgen', 'password of jürgen', { users })).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
  })

  test('TLS is trusted with the authority that is given, and not without', async () => {
    for (const tls of ['ldaps', 'start-tls'] as const) {
      const host = tls === 'ldaps' ? server.secureHost : server.host
      expect(await check('jo', 'password of jo', { tls, host, authorities: [server.authority] }), tls).toMatchObject({ ok: true })
      expect(await check('jo', 'password of jo', { tls, host }), tls).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
    }
  })

  test('a directory that is not there, or refuses this server, is not a wrong password', async () => {
    expect(await check('jo', 'password of jo', { host: '127.0.0.1:1' })).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
    expect(await check('jo', 'password of jo', { bindPassword: 'wrong' })).toMatchObject({ ok: false, error: { kind: 'unavailable', message: expect.stringContaining('InvalidCredentials') as string } })
  })
})
