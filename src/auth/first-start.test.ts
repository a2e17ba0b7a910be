import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prepareMainTeam } from './first-start.ts'
import { verifyScrypt } from './passwords/scrypt.ts'
import type { LocalUserStore } from './ports.ts'
import { MemoryTeams } from './testing/memory-teams.ts'

let data: string
let hashes: Map<string, string>
let users: LocalUserStore
let teams: MemoryTeams
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'airside-start-'))
  hashes = new Map()
  teams = new MemoryTeams()
  users = {
    passwordHash: (name) => Promise.resolve(hashes.get(name)),
    addFirst: (name, hash) => Promise.resolve(hashes.size === 0 && hashes.set(name, hash) !== undefined),
    setPassword: (name, hash) => Promise.resolve(void hashes.set(name, hash)),
  }
})
afterEach(() => rm(data, { recursive: true, force: true }))
const owners = (...given: string[]) => ({ owner: { users: given, groups: [] } })

test('the first start makes an admin, whose password is in a file of its owner’s', async () => {
  const { passwordFile = '' } = await prepareMainTeam({ data, users, teams, now: 0 })
  expect((await stat(passwordFile)).mode & 0o777).toBe(0o600)
  expect(await verifyScrypt((await readFile(passwordFile, 'utf8')).trim(), hashes.get('admin') ?? '')).toBe(true)
  expect(await teams.list()).toMatchObject([{ name: 'main', admin: true, auth: owners('local:admin') }])
})

test('another password in the file counts from the next start on; without the file it stays', async () => {
  const { passwordFile = '' } = await prepareMainTeam({ data, users, teams, now: 0 })
  await writeFile(passwordFile, 'another\n')
  await prepareMainTeam({ data, users, teams, now: 0 })
  expect(await verifyScrypt('another', hashes.get('admin') ?? '')).toBe(true)
  await rm(passwordFile)
  expect(await prepareMainTeam({ data, users, teams, now: 0 })).toEqual({})
  expect(await verifyScrypt('another', hashes.get('admin') ?? '')).toBe(true)
})

test('the team main of the settings is set at each start, and then there is no admin by itself', async () => {
  expect(await prepareMainTeam({ data, users, teams, now: 0, mainTeam: owners('oidc:jo') })).toEqual({})
  await teams.put({ name: 'main', admin: true, auth: owners('local:mallory') })
  await prepareMainTeam({ data, users, teams, now: 0, mainTeam: owners('oidc:jo') })
  expect(await teams.list()).toMatchObject([{ name: 'main', admin: true, auth: owners('oidc:jo') }])
  expect(hashes.size).toBe(0)
  expect(await prepareMainTeam({ data, users, teams, now: 0 })).toEqual({})
  expect(hashes.size).toBe(0)
})
