import type { BuildScope } from '../../model/build.ts'
import { BuildEvents } from '../build-events.ts'
import { Builds } from '../builds.ts'
import { aesCipher } from '../cipher.ts'
import type { Db } from '../db.ts'
import { Scopes } from '../scopes.ts'
import { systemClock } from '../../lib/clock.ts'
import type { BuildsState } from './builds.suite.ts'
import type { Target } from './target.ts'

export const cipher = aesCipher(new Uint8Array(32).fill(7))

/** Ids of the team `main`, its pipeline `p` and the pipeline's job `j`. */
export const scopeIn = async (db: Db): Promise<Required<BuildScope>> => (await new Scopes(db).ensure({ team: 'main', pipeline: 'p', job: 'j' }, 0)) as Required<BuildScope>

/** A started build, not claimed yet. */
export const startedBuild = async (db: Db): Promise<number> => new Builds(db, cipher).createStarted({ kind: 'job', scope: await scopeIn(db) }, {}, 0)

/** The builds of a database, as buildsSuite needs them. */
export async function freshBuilds(target: Target): Promise<BuildsState> {
  const db = await target.fresh()
  const events = new BuildEvents(db, { clock: systemClock })
  return {
    builds: new Builds(db, cipher),
    another: async () => new Builds(await target.another(), cipher),
    scope: await scopeIn(db),
    events: (id) => events.read(id, -1, 1_000),
  }
}
