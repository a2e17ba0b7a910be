import { beforeEach, describe, expect, it } from 'vitest'
import type { TokenStore } from '../../auth/ports.ts'

/** What every store of tokens must do. */
export function tokensSuite(target: { readonly name: string; fresh(): Promise<TokenStore> }): void {
  describe(target.name, () => {
    let tokens: TokenStore
    beforeEach(async () => {
      tokens = await target.fresh()
    })
    const hash = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
    const jo = { connector: 'local', subject: 'jo', name: 'Jo' }

    it('know whose a token is until it expires or is revoked', async () => {
      await tokens.save(hash(1), jo, 1_000, 2_000)
      await tokens.save(hash(2), { ...jo, subject: 'max', name: 'Max' }, 1_000, 3_000)
      expect(await tokens.find(hash(1), 1_999)).toEqual(jo)
      expect(await tokens.find(hash(1), 2_000)).toBeUndefined()
      expect(await tokens.find(hash(3), 1_000)).toBeUndefined()
      await tokens.revoke(hash(2))
      await tokens.revoke(hash(2))
      expect(await tokens.find(hash(2), 1_000)).toBeUndefined()
    })

    it('give the name that the person had at the last login', async () => {
      await tokens.save(hash(1), jo, 1_000, 5_000)
      await tokens.save(hash(2), { ...jo, name: 'Joanna' }, 2_000, 5_000)
      expect(await tokens.find(hash(1), 3_000)).toEqual({ ...jo, name: 'Joanna' })
    })
  })
}
