import { afterAll, describe, expect, test } from 'vitest'
import { Bcrypt } from './bcrypt.ts'
import { LocalUsersConnector } from './local-users.ts'
import { hashPassword } from './scrypt.ts'

const bcrypt = new Bcrypt()
afterAll(() => bcrypt.close())

/** `secret`, at cost 10, as other programs write it. */
const hash2b = '$2b$10$uBlKCxafljIwCmlEeUXuZuX5nC6/N3JhoQmAiaHbPTJtFGoA2Oy0S'

describe('local users', () => {
  test.each(['2a', '2b', '2y'])('have passwords as bcrypt hashes of kind %s, as Concourse has them', async (kind) => {
    const hash = hash2b.replace('$2b$', `$${kind}$`)
    const users = await LocalUsersConnector.open([{ name: 'jo', password: hash }], { passwordHash: () => Promise.resolve(undefined) }, bcrypt)
    expect(await users.check('jo', 'secret')).toEqual({ ok: true, value: { connector: 'local', subject: 'jo', name: 'jo', groups: [] } })
    expect(await users.check('jo', 'wrong')).toEqual({ ok: false, error: { kind: 'wrong' } })
    expect(await users.check('jo', hash)).toEqual({ ok: false, error: { kind: 'wrong' } })
  })

  test('of the settings go before those of the database, and their passwords are not kept as they are', async () => {
    const stored = await hashPassword('of the database')
    const users = await LocalUsersConnector.open([{ name: 'jo', password: 'of the settings' }], { passwordHash: (name) => Promise.resolve(name === 'max' || name === 'jo' ? stored : undefined) }, bcrypt)
    const right = async (name: string, password: string) => (await users.check(name, password)).ok
    expect([await right('jo', 'of the settings'), await right('jo', 'of the database'), await right('max', 'of the database'), await right('none', 'of the database')]).toEqual([true, false, true, false])
    expect([await users.knows('jo'), await users.knows('max'), await users.knows('none')]).toEqual([true, true, false])
  })

  test('a thread that ends fails what it was asked, and the next question starts another', async () => {
    const own = new Bcrypt()
    const asked = expect(own.verify('secret', hash2b)).rejects.toThrow('the server stops')
    await own.close()
    await asked
    expect(await own.verify('secret', hash2b)).toBe(true)
    await own.close()
  })
})
