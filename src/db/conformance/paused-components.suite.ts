import { beforeEach, describe, expect, it } from 'vitest'
import type { Db } from '../db.ts'
import { PausedComponents } from '../paused-components.ts'
import type { Target } from './target.ts'

export function pausedComponentsSuite(target: Target): void {
  describe('paused components', () => {
    let db: Db
    let paused: PausedComponents
    beforeEach(async () => {
      db = await target.fresh()
      paused = new PausedComponents(db)
    })

    it('are listed until they are unpaused, and may be paused twice', async () => {
      await paused.pause(['scanner', 'tracker'], 1)
      await paused.pause(['scanner'], 2)
      expect((await paused.list()).toSorted()).toEqual(['scanner', 'tracker'])
      await paused.unpause(['scanner', 'vacuum'])
      expect(await paused.list()).toEqual(['tracker'])
    })

    it('tell of each change, until nobody listens', async () => {
      let told: () => void = () => undefined
      const next = () => new Promise<void>((resolve) => (told = resolve))
      const unlisten = await paused.onChange(() => told())
      let heard = next()
      await paused.pause(['scanner'], 1)
      await heard
      heard = next()
      await paused.unpause(['scanner'])
      await heard
      await unlisten()
    })
  })
}
