import { beforeAll } from 'vitest'
import type { Cipher } from '../../db/cipher.ts'
import type { Target } from '../../db/conformance/target.ts'
import type { Db } from '../../db/db.ts'
import { Scenario } from './scenario.ts'

/** For tests of one `describe`: a function that makes each a scenario of its own, in a database that they share. */
export function ownScenarios(target: Target, cipher: Cipher, prefix: string): () => Scenario {
  let db: Db
  let made = 0
  beforeAll(async () => {
    db = await target.fresh()
  })
  return () => new Scenario(db, cipher, `${prefix}-${++made}`)
}
