import type { z } from 'zod'
import type { ListedVolume } from '../ports.ts'
import { jsonOf, notFound } from '../reply.ts'
import type { Handler } from '../request.ts'
import { volumeSchema } from '../schemas.ts'
import { teamIdOf } from './artifacts.ts'

/** What is kept of the team's builds for later ones: caches of tasks, uploads and outputs. They stand in the store of artifacts. */
export const listVolumes: Handler = async (services, { params }) => {
  const teamId = await teamIdOf(services, params)
  if (teamId === undefined) return notFound
  const volumes = await services.volumes(teamId, services.clock.now())
  return jsonOf(volumeSchema.array(), volumes.map((volume) => present(volume, services.worker.name)))
}

const present = ({ id, job, pipeline, pipelineId, instanceVars, step, path, ...volume }: ListedVolume, workerName: string): z.input<typeof volumeSchema> => ({
  id,
  worker_name: workerName,
  type: volume.kind,
  container_handle: '',
  path: path ?? '',
  parent_handle: '',
  resource_type: null,
  base_resource_type: null,
  pipeline_id: pipelineId ?? 0,
  pipeline_name: pipeline ?? '',
  pipeline_instance_vars: instanceVars ?? null,
  job_name: job ?? '',
  step_name: step ?? '',
})
