import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../lib/errors.ts'
import { loadOrCreateSecretFile } from '../lib/secret-file.ts'
import type { TeamAuth } from '../model/team.ts'
import { hashPassword, verifyScrypt } from './passwords/scrypt.ts'
import type { LocalUserStore, TeamStore } from './ports.ts'

const admin = 'admin'

interface Start {
  /** The data folder. */
  readonly data: string
  readonly users: LocalUserStore
  readonly teams: TeamStore
  readonly now: number
}

export interface FirstStart {
  /** The file that holds the admin's password; absent: there is no such user, or somebody removed the file and the password is as it was. */
  readonly passwordFile?: string
}

/** Gives the team main what the settings say, at each start; where they say nothing, there is an admin to begin with. */
export async function prepareMainTeam(start: Start & { readonly mainTeam?: TeamAuth }): Promise<FirstStart> {
  if (start.mainTeam === undefined) return firstStart(start)
  await start.teams.put({ name: 'main', auth: start.mainTeam, admin: true }, start.now)
  return {}
}

/**
 * Makes the team main and the local user admin where they are missing. The password stands in a file of the data folder that only its
 * owner may read: another one that is written there is the password from the next start on.
 */
async function firstStart({ data, users, teams, now }: Start): Promise<FirstStart> {
  const main = (await teams.list()).find(({ name, admin: isAdmin }) => name === 'main' && isAdmin)
  if (main === undefined) await teams.put({ name: 'main', auth: { owner: { users: [`local:${admin}`], groups: [] } }, admin: true }, now)
  // Somebody has given the team to others, who need no admin.
  else if (main.auth.owner?.users.includes(`local:${admin}`) !== true) return {}
  const path = join(data, 'admin-password')
  const known = await users.passwordHash(admin)
  const password = known === undefined ? await makePassword(path) : await readPassword(path)
  if (password === undefined) return {}
  if (known === undefined) await users.addFirst(admin, await hashPassword(password), now)
  else if (!(await verifyScrypt(password, known))) await users.setPassword(admin, await hashPassword(password), now)
  return { passwordFile: path }
}

const makePassword = async (path: string): Promise<string> =>
  (await loadOrCreateSecretFile(path, () => Buffer.from(`${randomBytes(18).toString('base64url')}\n`))).toString('utf8').trim()

async function readPassword(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim()
    return text === '' ? undefined : text
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
