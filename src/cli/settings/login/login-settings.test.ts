import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRolesFile, readTeamFile } from './role-files.ts'
import { commaSeparated, parseLocalUser, parseNetwork } from './values.ts'

const hash = `$2y$10$${'a'.repeat(53)}`

describe('a local user', () => {
  test.each([
    ['jo:secret', { name: 'jo', password: 'secret' }],
    ['jo:with:colons', { name: 'jo', password: 'with:colons' }],
    [`jo:${hash}`, { name: 'jo', password: hash }],
  ])('is %s', (text, value) => {
    expect(parseLocalUser(text)).toEqual({ ok: true, value })
  })
  test.each([
    ['jo', 'write it as NAME:PASSWORD'],
    [':secret', 'write it as NAME:PASSWORD'],
    ['jo:', 'write it as NAME:PASSWORD'],
    [`jo:${hash.slice(0, -1)}`, 'the bcrypt hash is not complete'],
    [`jo:${hash.replace('$10$', '$09$')}`, 'the bcrypt hash has cost 9'],
    [`jo:${hash.replace('$10$', '$17$')}`, 'the bcrypt hash has cost 17'],
  ])('is not %s', (text, error) => {
    expect(parseLocalUser(text)).toEqual({ ok: false, error: expect.stringContaining(error) as string })
  })
})

test('Concourse’s lists are separated by commas', () => {
  expect(commaSeparated('X').read((name) => (name === 'X' ? 'a:1,b:2' : undefined))).toBe('a:1\nb:2')
})

test.each([['10.0.0.1', true], ['10.0.0.0/8', true], ['fd00::/8', true], ['10.0.0.0/33', false], ['10.0.0.0/8/8', false], ['proxy.example', false], ['10.0.0.0/', false], ['', false]])('%j as a network: %s', (text, fine) => {
  expect(parseNetwork(text).ok).toBe(fine)
})

describe('files of roles', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-roles-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const read = async <T>(reader: (file: string) => T, text: string): Promise<T> => {
    const file = join(folder, 'roles.yml')
    await writeFile(file, text)
    return reader(file)
  }

  test('a team’s is as fly set-team takes it', async () => {
    const text = `roles:
- name: owner
  local: {users: [Jo]}
  github: {users: [Max], orgs: [Acme], teams: ["Acme:Ops"]}
- name: viewer
  oidc: {groups: [Everybody], users: }
- name: member
`
    expect(await read(readTeamFile, text)).toEqual({ ok: true, value: { owner: { users: ['local:jo', 'github:max'], groups: ['github:acme', 'github:acme:ops'] }, viewer: { users: [], groups: ['oidc:everybody'] } } })
  })

  test.each([
    ['roles: [{name: boss, local: {users: [jo]}}]', 'roles.0.name must be one of owner'],
    ['roles: [{name: owner, cf: {users: [jo]}}]', 'there is no connector cf; write local, oidc'],
    ['roles: [{name: owner, oidc: {teams: [jo]}}]', 'there is no key teams; write users, groups'],
    ['roles: [{name: owner, oidc: {users: jo}}]', 'users must be an array'],
    ['roles: [{name: owner, local: {users: []}}]', 'it names no users and no groups'],
    ['{', 'line 1: '],
    ['', 'it is empty'],
    ['jobs: []', 'roles must be an array'],
  ])('a team’s is not %s', async (text, error) => {
    expect(await read(readTeamFile, text)).toEqual({ ok: false, error: expect.stringContaining(error) as string })
  })

  test('that of routes has a role for each', async () => {
    expect(await read(readRolesFile, 'member: [GetConfig, PausePipeline]\nviewer: [ExposePipeline]\n')).toEqual({ ok: true, value: new Map([['GetConfig', 'member'], ['PausePipeline', 'member'], ['ExposePipeline', 'viewer']]) })
    expect(await read(readRolesFile, 'boss: [GetConfig]')).toMatchObject({ ok: false })
  })
})
