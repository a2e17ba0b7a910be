import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../lib/errors.ts'
import { loadOrCreateSecretFile } from '../lib/secret-file.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import type { LocalUserStore, TeamStore } from './ports.ts'

const admin = 'admin'

export interface FirstStart {
  /** The file that holds the admin's password; absent: somebody removed it, and the password is as it was. */
  readonly passwordFile?: string
}

/**
 * Makes the team main and the local user admin where they are missing. The password stands in a file of the data folder that only its
 * owner may read: another one that is written there is the password from the next start on.
 */
export async function firstStart(data: string, users: LocalUserStore, teams: TeamStore, now: number): Promise<FirstStart> {
  if (!(await teams.list()).some(({ name, admin: isAdmin }) => name === 'main' && isAdmin)) {
    await teams.put({ name: 'main', auth: { owner: { users: [`local:${admin}`], groups: [] } }, admin: true }, now)
  }
  const path = join(data, 'admin-password')
  const known = await users.passwordHash(admin)
  const password = known === undefined ? await makePassword(path) : await readPassword(path)
  if (password === undefined) return {}
  if (known === undefined) await users.addFirst(admin, await hashPassword(password), now)
  else if (!(await verifyPassword(password, known))) await users.setPassword(admin, await hashPassword(password), now)
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
