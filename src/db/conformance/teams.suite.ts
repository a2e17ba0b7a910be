import { beforeEach, describe, expect, it } from 'vitest'
import type { TeamStore } from '../../auth/ports.ts'

/** What every store of teams must do. */
export function teamsSuite(target: { readonly name: string; fresh(): Promise<TeamStore> }): void {
  describe(target.name, () => {
    let teams: TeamStore
    beforeEach(async () => {
      teams = await target.fresh()
    })
    const auth = { owner: { users: ['local:jo'], groups: ['oidc:a:b'] } }
    const names = async () => (await teams.list()).map(({ name }) => name)

    it('are listed by name, with what was given last', async () => {
      await teams.put({ name: 'web', auth: {}, admin: false }, 1)
      await teams.put({ name: 'main', auth, admin: true }, 1)
      await teams.put({ name: 'web', auth, admin: false }, 2)
      expect(await teams.list()).toMatchObject([{ name: 'main', auth, admin: true }, { name: 'web', auth, admin: false }])
    })

    it('are renamed to names that no other team has', async () => {
      await teams.put({ name: 'a', auth, admin: false }, 1)
      await teams.put({ name: 'b', auth, admin: false }, 1)
      expect([await teams.rename('a', 'b'), await teams.rename('x', 'y'), await teams.rename('a', 'c'), await teams.rename('b', 'b')]).toEqual(['taken', 'unknown', 'renamed', 'renamed'])
      expect(await names()).toEqual(['b', 'c'])
    })

    it('are removed, but for the last one of admins', async () => {
      await teams.put({ name: 'main', auth, admin: true }, 1)
      await teams.put({ name: 'web', auth, admin: false }, 1)
      expect([await teams.remove('main'), await teams.remove('web'), await teams.remove('web')]).toEqual(['last-admin', 'removed', 'unknown'])
      await teams.put({ name: 'ops', auth, admin: true }, 1)
      expect(await teams.remove('main')).toBe('removed')
      expect(await names()).toEqual(['ops'])
    })
  })
}
