import { fail, ok, type Result } from '../../model/result.ts'
import type { Identity } from '../../model/team.ts'
import type { LocalUserStore, PasswordConnector, PasswordProblem } from '../ports.ts'
import { isBcrypt, type Bcrypt } from './bcrypt.ts'
import { dummyHash, hashPassword, verifyScrypt } from './scrypt.ts'

export interface LocalUser {
  readonly name: string
  /** A bcrypt hash, or the password itself. */
  readonly password: string
}

/** Users of the settings, whose passwords stand in memory as hashes only, and those of the database. */
export class LocalUsersConnector implements PasswordConnector {
  readonly id = 'local'
  readonly prompt = 'Username'
  readonly #configured: ReadonlyMap<string, string>
  readonly #stored: Pick<LocalUserStore, 'passwordHash'>
  readonly #bcrypt: Bcrypt
  /** Compared for a name that there is none of, so that it takes as long as a wrong password. */
  readonly #dummy: string

  private constructor(configured: ReadonlyMap<string, string>, stored: Pick<LocalUserStore, 'passwordHash'>, bcrypt: Bcrypt, dummy: string) {
    this.#configured = configured
    this.#stored = stored
    this.#bcrypt = bcrypt
    this.#dummy = dummy
  }

  static async open(users: readonly LocalUser[], stored: Pick<LocalUserStore, 'passwordHash'>, bcrypt: Bcrypt): Promise<LocalUsersConnector> {
    const configured = new Map<string, string>()
    for (const { name, password } of users) configured.set(name, isBcrypt(password) ? password : await hashPassword(password))
    const dummy = [...configured.values()].find(isBcrypt) ?? dummyHash()
    return new LocalUsersConnector(configured, stored, bcrypt, dummy)
  }

  async knows(name: string): Promise<boolean> {
    return (await this.#hash(name)) !== undefined
  }

  async check(name: string, password: string): Promise<Result<Identity, PasswordProblem>> {
    const known = await this.#hash(name)
    const hash = known ?? this.#dummy
    const matches = isBcrypt(hash) ? await this.#bcrypt.verify(password, hash) : await verifyScrypt(password, hash)
    return matches && known !== undefined ? ok({ connector: this.id, subject: name, name, groups: [] }) : fail({ kind: 'wrong' })
  }

  async #hash(name: string): Promise<string | undefined> {
    return this.#configured.get(name) ?? (await this.#stored.passwordHash(name))
  }
}
