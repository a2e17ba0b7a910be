import { hasRole } from '../../auth/roles.ts'
import { presentCard } from '../present/cards.ts'
import { jsonOf } from '../reply.ts'
import type { Handler } from '../request.ts'
import { visibleTeams } from '../visible.ts'
import { revOf } from '../watch/rev.ts'
import { dashboardSchema } from '../web-schemas.ts'

export const getDashboard: Handler = async ({ dashboard }, { principal }) => {
  const pipelines = (await dashboard.pipelines(visibleTeams(principal))).map((pipeline) => presentCard(pipeline, hasRole(principal, pipeline.team, 'viewer')))
  return jsonOf(dashboardSchema, { rev: revOf(pipelines.map((card) => JSON.stringify(card))), pipelines })
}
