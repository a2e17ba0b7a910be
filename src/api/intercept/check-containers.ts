import type { z } from 'zod'
import type { Team } from '../../model/team.ts'
import type { ApiServices } from '../request.ts'
import type { containerSchema } from '../schemas.ts'

export type ShownContainer = z.input<typeof containerSchema>

/** The team's containers of checks that this server has: one that several resources share is there for each of them, for the one that was checked last first. */
export async function checksHere({ containers, pipelines, worker }: Pick<ApiServices, 'containers' | 'pipelines' | 'worker'>, { id: teamId, name: team }: Team): Promise<readonly ShownContainer[]> {
  const used = (await containers.checks()).flatMap(({ handle, uses }) => uses.filter((use) => use.teamId === teamId).map((use) => ({ handle, ...use })))
  if (used.length === 0) return []
  const known = new Map((await pipelines.list(team)).map((pipeline) => [pipeline.id, pipeline]))
  return used.flatMap(({ handle, name, pipelineId }) => {
    const pipeline = pipelineId === undefined ? undefined : known.get(pipelineId)
    if (pipelineId !== undefined && pipeline === undefined) return [] // it was destroyed
    return [{
      id: handle, worker_name: worker.name, state: 'created', type: 'check', resource_name: name,
      ...(pipeline && { pipeline_id: pipeline.id, pipeline_name: pipeline.name, ...(pipeline.instanceVars && { pipeline_instance_vars: pipeline.instanceVars }) }),
    }]
  })
}
