import { instanceNumbers, tryOpen } from '../db/pglite/instance.ts'
import { systemClock } from '../lib/clock.ts'
import { buildLabel } from './intercept/kept-advice.ts'
import { openStores, type Stores } from './stores.ts'

/** Unfinished builds whose process is gone, as `airside run --resume` takes them. Checks are not among them: a run makes its own. */
export async function unfinishedBuilds(data: string, encryptionKey: string | undefined): Promise<string[]> {
  const found: string[] = []
  for (const number of await instanceNumbers(data)) {
    const db = await tryOpen(data, number, undefined)
    if (db === undefined) continue
    let stores: Stores | undefined
    try {
      stores = await openStores(db, data, { encryptionKey }, systemClock)
      for (const { id, kind } of await stores.builds.list({ unfinished: true })) if (kind !== 'check') found.push(buildLabel(number, id))
    } finally {
      await (stores ?? db).close()
    }
  }
  return found
}
