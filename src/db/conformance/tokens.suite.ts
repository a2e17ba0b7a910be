import { beforeEach, describe, expect, it } from 'vitest'
import type { NewApiToken, NewToken, TokenStore } from '../../auth/ports.ts'
import type { Identity } from '../../model/team.ts'

/** What every store of tokens must do. */
export function tokensSuite(target: { readonly name: string; fresh(): Promise<TokenStore> }): void {
  describe(target.name, () => {
    let tokens: TokenStore
    beforeEach(async () => {
      tokens = await target.fresh()
    })
    const hash = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
    const fly = (fill: number, expiresAt = 5_000): NewToken => ({ hash: hash(fill), kind: 'fly', expiresAt })
    const login = async (identity: Identity, token: NewToken, now: number): Promise<number> => {
      const { id } = await tokens.login(identity, now)
      await tokens.issue(id, token, now)
      return id
    }
    const jo = { connector: 'local', subject: 'jo', name: 'Jo', groups: [] }

    it('know whose a token is until it expires or is revoked', async () => {
      await login(jo, fly(1, 2_000), 1_000)
      const max = await login({ ...jo, subject: 'max', name: 'Max' }, fly(2, 3_000), 1_000)
      expect(await tokens.find(hash(1), 1_999)).toMatchObject({ kind: 'fly', owner: jo, ceiling: {}, expiresAt: 2_000 })
      expect(await tokens.find(hash(1), 2_000)).toBeUndefined()
      expect(await tokens.find(hash(3), 1_000)).toBeUndefined()
      await tokens.issue(max, { ...fly(3), kind: 'session' }, 1_000)
      expect(await tokens.find(hash(3), 1_000)).toMatchObject({ kind: 'session', owner: { subject: 'max' } })
      await tokens.revoke(hash(2))
      await tokens.revoke(hash(2))
      expect(await tokens.find(hash(2), 1_000)).toBeUndefined()
      expect(await tokens.find(hash(3), 1_000)).toBeDefined()
    })

    it('give what was known of the person at the last login', async () => {
      await login({ ...jo, email: 'jo@example.org', groups: ['a'] }, fly(1), 1_000)
      await login({ ...jo, fullName: 'Joanna', groups: ['b', 'c'] }, fly(2), 2_000)
      const held = await tokens.find(hash(1), 3_000)
      expect(held?.owner).toEqual({ ...jo, id: held?.owner.id, fullName: 'Joanna', groups: ['b', 'c'], nameIsTheirs: true, lastLoginAt: 2_000 })
    })

    const machine = (fill: number, more: Partial<NewApiToken> = {}): NewApiToken => ({ hash: hash(fill), name: 'deploy', prefix: 'as_abcd', ceiling: {}, expiresAt: 5_000, ...more })

    it('of a person for machines have a ceiling, are listed and are revoked by their owner only', async () => {
      const owner = await login(jo, fly(1), 1_000)
      const other = await login({ ...jo, subject: 'max', name: 'max' }, fly(2), 1_000)
      const made = await tokens.createApiToken(owner, machine(3, { ceiling: { team: 'main', role: 'viewer' } }), 1_000)
      expect(made).toMatchObject({ ok: true, value: { name: 'deploy', prefix: 'as_abcd', ceiling: { team: 'main', role: 'viewer' }, createdAt: 1_000, expiresAt: 5_000 } })
      if (!made.ok) return
      expect(await tokens.createApiToken(owner, machine(4, { ceiling: { team: 'none' } }), 1_000)).toEqual({ ok: false, error: 'no-team' })
      await tokens.createApiToken(owner, machine(5, { name: 'short', expiresAt: 1_500 }), 1_000)
      expect((await tokens.find(hash(3), 1_200))?.ceiling).toEqual({ team: 'main', role: 'viewer' })
      await tokens.used(made.value.id, 1_200)
      expect((await tokens.find(hash(3), 1_300))?.lastUsedAt).toBe(1_200)
      expect((await tokens.apiTokens(owner, 1_400)).map(({ name }) => name)).toEqual(['short', 'deploy'])
      expect(await tokens.apiTokens(owner, 1_500)).toEqual([{ ...made.value, lastUsedAt: 1_200 }])
      expect(await tokens.apiTokens(other, 1_400)).toEqual([])
      expect([await tokens.revokeApiToken(other, made.value.id), await tokens.revokeApiToken(owner, made.value.id), await tokens.revokeApiToken(owner, made.value.id)]).toEqual([false, true, false])
      expect(await tokens.find(hash(3), 1_400)).toBeUndefined()
    })

    it('for machines are at most a hundred of a person', async () => {
      const owner = await login(jo, fly(1), 1_000)
      for (let fill = 2; fill < 102; fill++) expect(await tokens.createApiToken(owner, machine(fill), 1_000)).toMatchObject({ ok: true })
      expect(await tokens.createApiToken(owner, machine(102), 1_000)).toEqual({ ok: false, error: 'too-many' })
      expect(await tokens.createApiToken(owner, machine(102), 5_000)).toMatchObject({ ok: true })
    })

    it('S5: a name belongs to the subject that came with it first, whatever its case', async () => {
      await login({ ...jo, connector: 'oidc', subject: '1', name: 'jo' }, fly(1), 1_000)
      await login({ ...jo, connector: 'oidc', subject: '2', name: 'JO' }, fly(2), 1_000)
      await login({ ...jo, connector: 'ldap', subject: '3', name: 'jo' }, fly(3), 1_000)
      const theirs = async (fill: number) => (await tokens.find(hash(fill), 2_000))?.owner.nameIsTheirs
      expect([await theirs(1), await theirs(2), await theirs(3)]).toEqual([true, false, true])
      await login({ ...jo, connector: 'oidc', subject: '1', name: 'joanna' }, fly(4), 1_000)
      expect([await theirs(1), await theirs(2)]).toEqual([true, false])
    })

    it('S5: the text of a subject is not somebody else’s name', async () => {
      await login({ ...jo, connector: 'oidc', subject: '2', name: 'abc' }, fly(2), 1_000)
      await login({ ...jo, connector: 'oidc', subject: 'ABC', name: 'jo' }, fly(1), 1_000)
      expect((await tokens.find(hash(2), 2_000))?.owner.nameIsTheirs).toBe(false)
    })
  })
}
