import type { PipelineId } from '../routes/route.ts'
import type { Action } from './action.ts'
import { airside, fly, flyPipeline } from './fly.ts'
import { apiPath } from './paths.ts'
import { impossibleIf } from './pipeline-actions.ts'

const ofPipeline = ({ team }: PipelineId): Pick<Action, 'team' | 'role'> => ({ team, role: 'member' })

/** Sets a pipeline to a config. `version`: the one that was changed; another that was set meanwhile is not overwritten. */
export function setPipeline(id: PipelineId, yaml: string, version?: string): Action {
  return {
    label: 'Set pipeline',
    team: id.team,
    route: 'SaveConfig',
    role: 'member',
    method: 'PUT',
    path: apiPath(id, ['config']),
    text: { type: 'application/x-yaml', content: yaml },
    ...(version !== undefined && { headers: { 'X-Concourse-Config-Version': version } }),
    fly: fly('set-pipeline', '-p', id.pipeline === '' ? 'NAME' : flyPipeline(id), '-c', 'pipeline.yml'),
    // A new pipeline's page says that it is paused.
    ...(version !== undefined && { said: () => Promise.resolve({ text: `Pipeline ${flyPipeline(id)} is set to the new config` }) }),
    ...(id.pipeline === '' && { impossible: 'The pipeline needs a name' }),
  }
}

/** Whether strangers see the pipeline. */
export function exposeOrHide(id: PipelineId, isPublic: boolean): Action {
  const verb = isPublic ? 'hide' : 'expose'
  return {
    ...ofPipeline(id),
    label: isPublic ? 'Hide from strangers' : 'Expose to everybody',
    route: isPublic ? 'HidePipeline' : 'ExposePipeline',
    method: 'PUT',
    path: apiPath(id, [verb]),
    fly: fly(`${verb}-pipeline`, '-p', flyPipeline(id)),
  }
}

export function archivePipeline(id: PipelineId, archived: boolean): Action {
  return {
    ...ofPipeline(id),
    label: 'Archive',
    route: 'ArchivePipeline',
    method: 'PUT',
    path: apiPath(id, ['archive']),
    fly: fly('archive-pipeline', '-p', flyPipeline(id)),
    confirm: { title: `Archive pipeline ${flyPipeline(id)}?`, text: 'Its jobs run no more, and its config is not kept. Its builds and their logs stay. Setting the pipeline again brings it back.' },
    ...impossibleIf(archived),
  }
}

/** Sets the pipeline to a config that it had. `present`: the version of now; another that was set meanwhile is not overwritten. */
export function restoreConfig(id: PipelineId, version: number, present: number): Action {
  return {
    ...ofPipeline(id),
    label: 'Roll back',
    route: 'RestoreConfig',
    method: 'PUT',
    path: apiPath(id, ['config', 'versions', String(version), 'restore']),
    headers: { 'X-Concourse-Config-Version': String(present) },
    fly: airside('rollback-pipeline', '-p', flyPipeline(id), '--to', String(version)),
    confirm: { title: `Set ${flyPipeline(id)} to this version?`, text: 'This config becomes the newest version. The current one stays in the list, so that this can be undone in the same way.' },
    said: () => Promise.resolve({ text: `Pipeline ${flyPipeline(id)} has the config of version ${version} again` }),
  }
}

/** Instances of one name are renamed together. */
export function renamePipeline({ team, pipeline }: PipelineId, to: string): Action {
  return {
    ...ofPipeline({ team, pipeline }),
    label: 'Rename',
    route: 'RenamePipeline',
    method: 'PUT',
    path: apiPath({ team, pipeline }, ['rename']),
    body: { name: to },
    fly: fly('rename-pipeline', '-o', pipeline, '-n', to),
    ...((to === '' || to === pipeline) && { impossible: 'Write another name first' }),
  }
}

export function destroyPipeline(id: PipelineId): Action {
  return {
    ...ofPipeline(id),
    label: 'Destroy',
    route: 'DeletePipeline',
    method: 'DELETE',
    path: apiPath(id),
    fly: fly('destroy-pipeline', '-p', flyPipeline(id)),
    confirm: { title: `Destroy pipeline ${flyPipeline(id)}?`, text: 'Its builds, their logs and the versions of its resources go with it. This cannot be undone.', name: flyPipeline(id) },
    said: () => Promise.resolve({ text: `Pipeline ${flyPipeline(id)} is destroyed` }),
  }
}
