import { describe } from 'vitest'
import { buildsSuite } from './builds.suite.ts'
import { freshBuilds } from './build-fixtures.ts'
import { eventsSuite } from './events.suite.ts'
import { migrationsSuite } from './migrations.suite.ts'
import { scopesSuite } from './scopes.suite.ts'
import { seamSuite } from './seam.suite.ts'
import { storesSuite } from './stores.suite.ts'
import type { Target } from './target.ts'
import { versionsSuite } from './versions.suite.ts'

/** What every database must do. */
export function databaseSuite(target: Target): void {
  describe(target.name, () => {
    seamSuite(target)
    migrationsSuite(target)
    buildsSuite({ name: 'builds', fresh: () => freshBuilds(target) })
    scopesSuite(target)
    eventsSuite(target)
    versionsSuite(target)
    storesSuite(target)
  })
}
