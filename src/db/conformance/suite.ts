import { describe } from 'vitest'
import { buildLogsSuite } from './build-logs.suite.ts'
import { buildsSuite } from './builds.suite.ts'
import { cipher, freshBuilds } from './build-fixtures.ts'
import { eventsSuite } from './events.suite.ts'
import { formerBuildsSuite } from './former-builds.suite.ts'
import { healthSuite } from './health.suite.ts'
import { migrationsSuite } from './migrations.suite.ts'
import { listedChangesSuite } from './listed-changes.suite.ts'
import { logTextsSuite } from './log-texts.suite.ts'
import { monthSuite } from './month.suite.ts'
import { checksSuite } from './checks.suite.ts'
import { checkCostsSuite } from './check-costs.suite.ts'
import { badInputSuite } from '../../checks/testing/bad-input.suite.ts'
import { checkDeathsSuite } from '../../checks/testing/deaths.suite.ts'
import { checkRowsSuite } from '../../checks/testing/rows.suite.ts'
import { dashboardSuite } from './dashboard.suite.ts'
import { scopePointersSuite } from './scope-pointers.suite.ts'
import { scopesSuite } from './scopes.suite.ts'
import { seamSuite } from './seam.suite.ts'
import { pausedComponentsSuite } from './paused-components.suite.ts'
import { serversSuite } from './servers.suite.ts'
import { staleRowsSuite } from './stale-rows.suite.ts'
import { storesSuite } from './stores.suite.ts'
import { Pipelines } from '../pipelines.ts'
import { Resources } from '../resources.ts'
import { Teams } from '../teams.ts'
import { Tokens } from '../tokens.ts'
import type { Target } from './target.ts'
import { scheduledBuildsSuite } from '../../scheduler/testing/builds.suite.ts'
import { poisonedPipelineSuite } from '../../scheduler/testing/poisoned.suite.ts'
import { waitingBuildsSuite } from '../../scheduler/testing/waiting.suite.ts'
import { schedulerModelSuite } from '../../scheduler/testing/model.suite.ts'
import { schedulerClaimsSuite } from '../../scheduler/testing/claims.suite.ts'
import { schedulerAnswersSuite } from '../../scheduler/testing/answers.suite.ts'
import { cutOffSuite } from '../../scheduler/testing/cut-off.suite.ts'
import { schedulerDeathsSuite } from '../../scheduler/testing/deaths.suite.ts'
import { reusedStepsSuite } from '../../scheduler/testing/reuse.suite.ts'
import { ownVersionsSuite } from '../../scheduler/testing/own-versions.suite.ts'
import { requestedBuildsSuite } from '../../scheduler/testing/requested.suite.ts'
import { scheduledInputsSuite } from '../../scheduler/testing/inputs.suite.ts'
import { scheduledVersionsSuite } from '../../scheduler/testing/versions.suite.ts'
import { setByStepSuite } from '../../pipelines/testing/set-by-step.suite.ts'
import { pendingBuildsSuite } from './pending-builds.suite.ts'
import { pipelineOperationsSuite } from './pipeline-operations.suite.ts'
import { peopleSuite } from './people.suite.ts'
import { pipelineRowsSuite } from './pipeline-rows.suite.ts'
import { pipelinesSuite } from './pipelines.suite.ts'
import { loginChangesSuite } from './login-changes.suite.ts'
import { teamsSuite } from './teams.suite.ts'
import { tokensSuite } from './tokens.suite.ts'
import { uiChangesSuite } from './ui-changes.suite.ts'
import { versionsSuite } from './versions.suite.ts'

/** What every database must do. */
export function databaseSuite(target: Target): void {
  describe(target.name, () => {
    seamSuite(target)
    migrationsSuite(target)
    healthSuite(target)
    buildsSuite({ name: 'builds', fresh: () => freshBuilds(target) })
    scopesSuite(target)
    eventsSuite(target)
    formerBuildsSuite(target)
    logTextsSuite(target)
    versionsSuite(target)
    scopePointersSuite(target)
    checksSuite(target)
    checkCostsSuite(target)
    badInputSuite(target)
    checkDeathsSuite(target)
    checkRowsSuite(target)
    storesSuite(target)
    pausedComponentsSuite(target)
    serversSuite(target)
    pendingBuildsSuite(target)
    scheduledBuildsSuite(target, cipher)
    waitingBuildsSuite(target, cipher)
    poisonedPipelineSuite(target, cipher)
    scheduledInputsSuite(target, cipher)
    scheduledVersionsSuite(target, cipher)
    ownVersionsSuite(target, cipher)
    requestedBuildsSuite(target, cipher)
    reusedStepsSuite(target, cipher)
    schedulerAnswersSuite(target, cipher)
    schedulerClaimsSuite(target, cipher)
    cutOffSuite(target, cipher)
    schedulerDeathsSuite(target, cipher)
    schedulerModelSuite(target, cipher)
    buildLogsSuite(target)
    staleRowsSuite(target)
    monthSuite(target)
    loginChangesSuite(target)
    teamsSuite({ name: 'teams', fresh: async () => new Teams(await target.fresh()) })
    peopleSuite(target)
    pipelineRowsSuite(target)
    dashboardSuite(target)
    uiChangesSuite(target)
    listedChangesSuite(target)
    tokensSuite({
      name: 'tokens',
      fresh: async () => {
        const db = await target.fresh()
        await new Teams(db).put({ name: 'main', auth: {}, admin: true }, 0)
        return new Tokens(db)
      },
    })
    const freshPipelines = async () => {
      const db = await target.fresh()
      for (const name of ['main', 'other']) await new Teams(db).put({ name, auth: {}, admin: false }, 0)
      return { pipelines: new Pipelines(db, cipher), resources: new Resources(db) }
    }
    pipelinesSuite({ name: 'pipelines', fresh: freshPipelines })
    pipelineOperationsSuite({ name: 'operations on pipelines', fresh: freshPipelines })
    setByStepSuite({ name: 'set_pipeline', fresh: async () => (await freshPipelines()).pipelines })
  })
}
