/** A program for kill.test.ts: opens the embedded database, appends to its build, and prints each commit that is acknowledged. */
import { Builds } from '../builds.ts'
import { aesCipher } from '../cipher.ts'
import { Scopes } from '../scopes.ts'
import { openPglite } from '../pglite/pglite-db.ts'

const [dir = '', template = '', round = ''] = process.argv.slice(2)
const db = await openPglite({ dir, template: () => Promise.resolve(template) })
const builds = new Builds(db, aesCipher(new Uint8Array(32)))
await builds.releaseAll()
const id = (await builds.list())[0]?.id ?? (await builds.createStarted({ kind: 'job', scope: await new Scopes(db).ensure({ team: 'main' }, 0) }, {}, 0))
await builds.claim(round, 1, 1_000, id)
for (let batch = 0; ; batch++) {
  const events = Array.from({ length: 1 + (batch % 7) }, (_, index) => ({ key: `${round} ${batch} ${index}`, type: 'log', version: '5.1', payload: '{}' }))
  const answer = await builds.commit(id, round, batch, { events, steps: [{ planId: round, record: { batch } }] })
  if (answer !== 'committed') throw new Error(answer)
  process.stdout.write(`${batch} ${events.length}\n`)
}
