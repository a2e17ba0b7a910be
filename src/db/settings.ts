import type { Cipher } from './cipher.ts'
import type { Queryable } from './db.ts'

export interface SettingOptions {
  /** The value is encrypted in the database. */
  readonly secret?: boolean
}

/** Settings of the installation itself: its id, its server key. */
export class Settings {
  readonly #db: Queryable
  readonly #cipher: Cipher

  constructor(db: Queryable, cipher: Cipher) {
    this.#db = db
    this.#cipher = cipher
  }

  async get(name: string): Promise<string | undefined> {
    const [row] = await this.#db.query<{ value: string; encrypted: boolean }>('select value, encrypted from settings where name = $1', [name])
    if (row === undefined) return undefined
    return row.encrypted ? this.#cipher.decrypt(row.value, place(name)) : row.value
  }

  async put(name: string, value: string, options: SettingOptions = {}): Promise<void> {
    await this.#db.query(
      `insert into settings (name, value, encrypted) values ($1, $2, $3)
       on conflict (name) do update set value = excluded.value, encrypted = excluded.encrypted`,
      [name, this.#stored(name, value, options), options.secret === true],
    )
  }

  /** The stored value, or the one that `make` gives when there is none. Servers that call it at once get the same value. */
  async getOrPut(name: string, make: () => string | Promise<string>, options: SettingOptions = {}): Promise<string> {
    const found = await this.get(name)
    if (found !== undefined) return found
    const made = await make()
    await this.#db.query('insert into settings (name, value, encrypted) values ($1, $2, $3) on conflict (name) do nothing', [
      name,
      this.#stored(name, made, options),
      options.secret === true,
    ])
    return (await this.get(name)) ?? made
  }

  /** All whose names begin with `prefix`, with their values. */
  async list(prefix: string): Promise<readonly (readonly [string, string])[]> {
    const rows = await this.#db.query<{ name: string; value: string; encrypted: boolean }>('select name, value, encrypted from settings where starts_with(name, $1) order by name limit 1000', [prefix])
    return rows.map(({ name, value, encrypted }) => [name, encrypted ? this.#cipher.decrypt(value, place(name)) : value])
  }

  async remove(name: string): Promise<void> {
    await this.#db.query('delete from settings where name = $1', [name])
  }

  #stored(name: string, value: string, options: SettingOptions): string {
    return options.secret === true ? this.#cipher.encrypt(value, place(name)) : value
  }
}

const place = (name: string): string => `settings/${name}/value`
