import * as builds from './handlers/builds.ts'
import * as general from './handlers/general.ts'
import * as pipelines from './handlers/pipelines.ts'
import type { Access } from './access.ts'
import type { Handler, Route, Subject } from './request.ts'

const pipeline = '/api/v1/teams/:team_name/pipelines/:pipeline_name'
const job = `${pipeline}/jobs/:job_name`
const build = '/api/v1/builds/:build_id'
const configLimit = 10 * 1024 * 1024
const bodyLimit = 1024 * 1024

const open: Access = { kind: 'public' }
const team = (role: Extract<Access, { kind: 'team' }>['role']): Access => ({ kind: 'team', role })
const seen: Access = { kind: 'pipeline', role: 'viewer' }
const readBuild: Access = { kind: 'build-read', role: 'viewer', openIn: 'public-pipeline' }
const readJobBuild: Access = { kind: 'build-read', role: 'viewer', openIn: 'public-job' }

type Options = Partial<Pick<Route, 'archived' | 'bodyLimit'>>

function route<Needs extends keyof Subject = never>(name: string, method: Route['method'], path: string, access: Access, needs: readonly Needs[], handler: Handler<Needs>, options: Options = {}): Route {
  return { name, method, path, access, needs, handler, archived: 'allowed', bodyLimit, ...options }
}

/** The routes under /api/v1: api.ts mounts them, and access and tests are made from them. The routes of the login, under /sky, are in api.ts. */
export const routes: readonly Route[] = [
  route('GetInfo', 'GET', '/api/v1/info', open, [], general.getInfo),
  route('GetUser', 'GET', '/api/v1/user', { kind: 'authenticated' }, [], general.getUser),
  route('ListTeams', 'GET', '/api/v1/teams', open, [], general.listTeams),
  route('GetTeam', 'GET', '/api/v1/teams/:team_name', team('viewer'), [], general.getTeam),

  route('SaveConfig', 'PUT', `${pipeline}/config`, team('member'), [], pipelines.saveConfig, { bodyLimit: configLimit }),
  route('GetConfig', 'GET', `${pipeline}/config`, team('viewer'), ['pipeline'], pipelines.getConfig),
  route('ListAllPipelines', 'GET', '/api/v1/pipelines', open, [], pipelines.listAllPipelines),
  route('ListPipelines', 'GET', '/api/v1/teams/:team_name/pipelines', open, [], pipelines.listPipelines),
  route('GetPipeline', 'GET', pipeline, seen, ['pipeline'], pipelines.getPipeline),
  route('PausePipeline', 'PUT', `${pipeline}/pause`, team('pipeline-operator'), ['pipeline'], pipelines.pausePipeline, { archived: 'refused' }),
  route('UnpausePipeline', 'PUT', `${pipeline}/unpause`, team('pipeline-operator'), ['pipeline'], pipelines.unpausePipeline, { archived: 'refused' }),
  route('ExposePipeline', 'PUT', `${pipeline}/expose`, team('member'), ['pipeline'], pipelines.setPublic(true)),
  route('HidePipeline', 'PUT', `${pipeline}/hide`, team('member'), ['pipeline'], pipelines.setPublic(false)),

  route('ListJobs', 'GET', `${pipeline}/jobs`, seen, ['pipeline'], builds.listJobs),
  route('GetJob', 'GET', job, seen, ['pipeline', 'job'], builds.getJob),
  route('PauseJob', 'PUT', `${job}/pause`, team('pipeline-operator'), ['pipeline', 'job'], pipelines.pauseJob),
  route('UnpauseJob', 'PUT', `${job}/unpause`, team('pipeline-operator'), ['pipeline', 'job'], pipelines.unpauseJob),
  route('ListJobBuilds', 'GET', `${job}/builds`, seen, ['pipeline', 'job'], builds.listJobBuilds),
  route('CreateJobBuild', 'POST', `${job}/builds`, team('pipeline-operator'), ['pipeline', 'job'], builds.createJobBuild, { archived: 'refused' }),
  route('GetJobBuild', 'GET', `${job}/builds/:build_name`, seen, ['pipeline', 'job'], builds.getJobBuild),

  route('ListBuilds', 'GET', '/api/v1/builds', open, [], builds.listBuilds),
  route('ListTeamBuilds', 'GET', '/api/v1/teams/:team_name/builds', team('viewer'), [], builds.listTeamBuilds),
  route('ListPipelineBuilds', 'GET', `${pipeline}/builds`, seen, ['pipeline'], builds.listPipelineBuilds),
  route('GetBuild', 'GET', build, readBuild, ['build'], builds.getBuild),
  route('GetBuildPlan', 'GET', `${build}/plan`, readJobBuild, ['build'], builds.getBuildPlan),
  route('GetBuildPreparation', 'GET', `${build}/preparation`, readJobBuild, ['build'], builds.getBuildPreparation),
  route('BuildEvents', 'GET', `${build}/events`, readJobBuild, ['build'], builds.buildEvents),
  route('AbortBuild', 'PUT', `${build}/abort`, { kind: 'build-write', role: 'pipeline-operator' }, ['build'], builds.abortBuild),
]
