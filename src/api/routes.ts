import type { z } from 'zod'
import type { Role } from '../model/team.ts'
import type { Access } from './access.ts'
import * as bodies from './bodies.ts'
import * as artifacts from './handlers/artifacts.ts'
import * as audit from './handlers/audit.ts'
import * as badges from './handlers/badges.ts'
import * as builds from './handlers/builds.ts'
import * as checks from './handlers/checks.ts'
import * as versions from './handlers/build-versions.ts'
import * as downloads from './handlers/cli.ts'
import * as components from './handlers/components.ts'
import * as containers from './handlers/containers.ts'
import * as dashboard from './handlers/dashboard.ts'
import * as health from './handlers/health.ts'
import * as general from './handlers/general.ts'
import * as jobStats from './handlers/job-stats.ts'
import * as jobs from './handlers/jobs.ts'
import * as logs from './handlers/log.ts'
import * as oneOffs from './handlers/one-offs.ts'
import * as outputs from './handlers/outputs.ts'
import * as pipelines from './handlers/pipelines.ts'
import * as requests from './handlers/build-request.ts'
import * as resources from './handlers/resources.ts'
import * as search from './handlers/search.ts'
import * as shared from './handlers/shared-versions.ts'
import * as steps from './handlers/steps.ts'
import * as system from './handlers/system.ts'
import * as teams from './handlers/teams.ts'
import * as tests from './handlers/tests.ts'
import * as tokens from './handlers/tokens.ts'
import * as volumes from './handlers/volumes.ts'
import * as watching from './handlers/watch.ts'
import * as why from './handlers/why.ts'
import * as workers from './handlers/workers.ts'
import { healthSchema } from './health-schema.ts'
import { logQuery } from './log/asked.ts'
import type { Answer, Handler, Route, Subject } from './request.ts'
import * as shapes from './schemas.ts'
import * as web from './web-schemas.ts'

const team = '/api/v1/teams/:team_name'
const pipeline = `${team}/pipelines/:pipeline_name`
const job = `${pipeline}/jobs/:job_name`
const resource = `${pipeline}/resources/:resource_name`
const version = `${resource}/versions/:resource_config_version_id`
const build = '/api/v1/builds/:build_id'
const output = `${build}/outputs/:plan_id/:output_name`
const worker = '/api/v1/workers/:worker_name'
/** Of configs and plans. */
const largeLimit = 10 * 1024 * 1024
const usualBodyLimit = 1024 * 1024

const open: Access = { kind: 'public' }
const loggedIn: Access = { kind: 'authenticated' }
const admin: Access = { kind: 'admin' }
const inTeam = (role: Role): Access => ({ kind: 'team', role })
const seen: Access = { kind: 'pipeline', role: 'viewer' }
const readBuild: Access = { kind: 'build-read', role: 'viewer', openIn: 'public-pipeline' }
const readJobBuild: Access = { kind: 'build-read', role: 'viewer', openIn: 'public-job' }
const changeBuild: Access = { kind: 'build-write', role: 'pipeline-operator' }

/** What a build's files hold is never for strangers. */
const inBuild: Access = { kind: 'build-write', role: 'member' }

const json = (schema: z.ZodType, status = 200): Answer => ({ kind: 'json', status, schema })
const nothing = (status = 200): Answer => ({ kind: 'empty', status })
const media = (type: string, status = 200): Answer => ({ kind: 'media', status, type })
const plain = media('text/plain; charset=utf-8')
/** Of what only Concourse's workers ask for. */
const notHere = media('text/plain; charset=utf-8', 501)
const svg = media('image/svg+xml')
/** What the query of a list of builds may hold. */
const paged = ['from', 'to', 'limit', 'timestamps', 'status']

interface Row<Needs extends keyof Subject> extends Partial<Pick<Route, 'archived' | 'bodyLimit' | 'body' | 'query' | 'refusal' | 'failing'>> {
  readonly access: Access
  readonly needs?: readonly Needs[]
  readonly handler: Handler<Needs>
  readonly answer: Answer
}

/** `at`: method and path. */
function route<Needs extends keyof Subject = never>(name: string, at: `${Route['method']} /${string}`, { needs = [], ...row }: Row<Needs>): Route {
  const [method = '', path = ''] = at.split(' ')
  // dispatch() hands a handler what its row needs.
  return { name, method: method as Route['method'], path, archived: 'allowed', bodyLimit: usualBodyLimit, query: [], needs, ...row } as Route
}

/** The API's routes: api.ts mounts them, and access, the API's document and tests are made from them. The token endpoint is in api.ts, the login's pages are in pages.ts. */
export const routes: readonly Route[] = [
  route('GetInfo', 'GET /api/v1/info', { access: open, handler: general.getInfo, answer: json(shapes.infoSchema) }),
  route('DownloadCLI', 'GET /api/v1/cli', { access: open, handler: downloads.downloadCli, answer: media('application/octet-stream'), query: ['platform', 'arch'] }),
  route('GetInfoCreds', 'GET /api/v1/info/creds', { access: admin, handler: system.getInfoCreds, answer: json(shapes.credentialManagersSchema) }),
  route('GetOpenIDConfiguration', 'GET /.well-known/openid-configuration', { access: open, handler: system.getOpenIdConfiguration, answer: json(shapes.openIdConfigurationSchema) }),
  route('GetSigningKeys', 'GET /.well-known/jwks.json', { access: open, handler: system.getSigningKeys, answer: json(shapes.jwksSchema) }),
  route('GetUser', 'GET /api/v1/user', { access: loggedIn, handler: general.getUser, answer: json(shapes.userSchema) }),
  route('ExplainUser', 'GET /api/v1/user/explain', { access: loggedIn, handler: general.explainUser, answer: json(web.userExplainedSchema) }),
  route('ListTokens', 'GET /api/v1/tokens', { access: loggedIn, handler: tokens.listTokens, answer: json(shapes.apiTokenSchema.array()) }),
  route('CreateToken', 'POST /api/v1/tokens', { access: loggedIn, handler: tokens.createToken, answer: json(shapes.apiTokenSchema, 201), body: bodies.tokenBody }),
  route('RevokeToken', 'DELETE /api/v1/tokens/:token_id', { access: loggedIn, handler: tokens.revokeToken, answer: nothing(204) }),
  route('ListActiveUsersSince', 'GET /api/v1/users', { access: admin, handler: system.listActiveUsers, answer: json(shapes.activeUserSchema.array()), refusal: shapes.errorSchema, query: ['since'] }),
  route('GetLogLevel', 'GET /api/v1/log-level', { access: admin, handler: system.getLogLevel, answer: plain }),
  route('SetLogLevel', 'PUT /api/v1/log-level', { access: admin, handler: system.setLogLevel, answer: plain }),
  route('ListAudit', 'GET /api/v1/audit', { access: admin, handler: audit.listAudit, answer: json(shapes.auditEntrySchema.array()), query: ['from', 'to', 'limit'] }),
  route('ListTeamAudit', `GET ${team}/audit`, { access: inTeam('owner'), handler: audit.listTeamAudit, answer: json(shapes.auditEntrySchema.array()), query: ['from', 'to', 'limit'] }),
  route('GetHealth', 'GET /api/v1/health', { access: open, handler: health.getHealth, answer: json(healthSchema), failing: healthSchema }),
  route('GetComponents', 'GET /api/v1/components', { access: admin, handler: components.getComponents, answer: json(shapes.componentSchema.array()) }),
  route('PauseAllComponents', 'PUT /api/v1/components/pause', { access: admin, handler: components.pauseAllComponents, answer: nothing() }),
  route('UnpauseAllComponents', 'PUT /api/v1/components/unpause', { access: admin, handler: components.unpauseAllComponents, answer: nothing() }),
  route('PauseComponent', 'PUT /api/v1/components/:component_name/pause', { access: admin, handler: components.pauseComponent, answer: nothing() }),
  route('UnpauseComponent', 'PUT /api/v1/components/:component_name/unpause', { access: admin, handler: components.unpauseComponent, answer: nothing() }),
  route('GetWall', 'GET /api/v1/wall', { access: open, handler: system.getWall, answer: json(shapes.wallSchema) }),
  route('SetWall', 'PUT /api/v1/wall', { access: admin, handler: system.setWall, answer: nothing(), body: bodies.wallBody }),
  route('ClearWall', 'DELETE /api/v1/wall', { access: admin, handler: system.clearWall, answer: nothing() }),

  route('ListTeams', 'GET /api/v1/teams', { access: open, handler: teams.listTeams, answer: json(shapes.teamSchema.array()) }),
  route('GetTeam', `GET ${team}`, { access: inTeam('viewer'), handler: teams.getTeam, answer: json(shapes.teamSchema) }),
  route('SetTeam', `PUT ${team}`, { access: inTeam('owner'), handler: teams.setTeam, answer: json(shapes.setTeamSchema), body: bodies.teamBody }),
  route('RenameTeam', `PUT ${team}/rename`, { access: inTeam('owner'), handler: teams.renameTeam, answer: json(shapes.saveConfigSchema), refusal: shapes.saveConfigSchema, body: bodies.nameBody }),
  route('DestroyTeam', `DELETE ${team}`, { access: admin, handler: teams.destroyTeam, answer: nothing(204) }),
  route('ListTeamBuilds', `GET ${team}/builds`, { access: inTeam('viewer'), handler: builds.listTeamBuilds, answer: json(shapes.buildSchema.array()), query: paged }),
  route('CreateBuild', `POST ${team}/builds`, { access: inTeam('member'), handler: oneOffs.createBuild, answer: json(shapes.buildSchema, 201), bodyLimit: largeLimit }),
  route('CreateArtifact', `POST ${team}/artifacts`, { access: inTeam('member'), handler: artifacts.createArtifact, answer: json(shapes.artifactSchema, 201), query: ['platform', 'tags'] }),
  route('GetArtifact', `GET ${team}/artifacts/:artifact_id`, { access: inTeam('member'), handler: artifacts.getArtifact, answer: media('application/octet-stream') }),
  route('GetCC', `GET ${team}/cc.xml`, { access: open, handler: badges.getCc, answer: media('application/xml') }),

  route('SaveConfig', `PUT ${pipeline}/config`, { access: inTeam('member'), handler: pipelines.saveConfig, answer: json(shapes.saveConfigSchema), refusal: shapes.saveConfigSchema, bodyLimit: largeLimit }),
  route('TryConfig', `POST ${pipeline}/config/dry-run`, { access: inTeam('member'), handler: pipelines.tryConfig, answer: json(shapes.dryRunSchema), refusal: shapes.saveConfigSchema, bodyLimit: largeLimit }),
  route('GetConfig', `GET ${pipeline}/config`, { access: inTeam('viewer'), needs: ['pipeline'], handler: pipelines.getConfig, answer: json(shapes.configSchema) }),
  route('ListConfigVersions', `GET ${pipeline}/config/versions`, { access: inTeam('viewer'), needs: ['pipeline'], handler: pipelines.listConfigVersions, answer: json(shapes.configVersionSchema.array()) }),
  route('GetConfigVersion', `GET ${pipeline}/config/versions/:config_version`, { access: inTeam('viewer'), needs: ['pipeline'], handler: pipelines.getConfigVersion, answer: json(shapes.configSchema) }),
  route('RestoreConfig', `PUT ${pipeline}/config/versions/:config_version/restore`, { access: inTeam('member'), needs: ['pipeline'], handler: pipelines.restoreConfig, answer: json(shapes.saveConfigSchema), refusal: shapes.saveConfigSchema, archived: 'refused' }),
  route('ListAllPipelines', 'GET /api/v1/pipelines', { access: open, handler: pipelines.listAllPipelines, answer: json(shapes.pipelineSchema.array()) }),
  route('ListPipelines', `GET ${team}/pipelines`, { access: open, handler: pipelines.listPipelines, answer: json(shapes.pipelineSchema.array()) }),
  route('GetPipeline', `GET ${pipeline}`, { access: seen, needs: ['pipeline'], handler: pipelines.getPipeline, answer: json(shapes.pipelineSchema) }),
  route('PausePipeline', `PUT ${pipeline}/pause`, { access: inTeam('pipeline-operator'), needs: ['pipeline'], handler: pipelines.pausePipeline, answer: nothing(), body: bodies.pauseBody, archived: 'refused' }),
  route('UnpausePipeline', `PUT ${pipeline}/unpause`, { access: inTeam('pipeline-operator'), needs: ['pipeline'], handler: pipelines.unpausePipeline, answer: nothing(), archived: 'refused' }),
  route('ExposePipeline', `PUT ${pipeline}/expose`, { access: inTeam('member'), needs: ['pipeline'], handler: pipelines.setPublic(true), answer: nothing() }),
  route('HidePipeline', `PUT ${pipeline}/hide`, { access: inTeam('member'), needs: ['pipeline'], handler: pipelines.setPublic(false), answer: nothing() }),
  route('ArchivePipeline', `PUT ${pipeline}/archive`, { access: inTeam('member'), needs: ['pipeline'], handler: pipelines.archivePipeline, answer: nothing() }),
  route('DeletePipeline', `DELETE ${pipeline}`, { access: inTeam('member'), needs: ['pipeline'], handler: pipelines.deletePipeline, answer: nothing(204) }),
  route('RenamePipeline', `PUT ${pipeline}/rename`, { access: inTeam('member'), handler: pipelines.renamePipeline, answer: json(shapes.saveConfigSchema), refusal: shapes.saveConfigSchema, body: bodies.nameBody }),
  route('OrderPipelines', `PUT ${team}/pipelines/ordering`, { access: inTeam('member'), handler: pipelines.orderPipelines, answer: nothing(), body: bodies.orderingBody }),
  route('OrderPipelinesWithinGroup', `PUT ${pipeline}/ordering`, { access: inTeam('member'), handler: pipelines.orderInstances, answer: nothing(), body: bodies.instancesBody }),
  route('PipelineBadge', `GET ${pipeline}/badge`, { access: seen, needs: ['pipeline'], handler: badges.pipelineBadge, answer: svg, query: ['title'] }),
  route('ListPipelineBuilds', `GET ${pipeline}/builds`, { access: seen, needs: ['pipeline'], handler: builds.listPipelineBuilds, answer: json(shapes.buildSchema.array()), query: paged }),

  route('CreatePipelineBuild', `POST ${pipeline}/builds`, { access: inTeam('member'), needs: ['pipeline'], handler: oneOffs.createPipelineBuild, answer: json(shapes.buildSchema, 201), bodyLimit: largeLimit }),

  route('Watch', 'GET /api/v1/watch', { access: open, handler: watching.watch, answer: { kind: 'upgrade', status: 101 }, query: ['topics'] }),
  route('GetDashboard', 'GET /api/v1/dashboard', { access: open, handler: dashboard.getDashboard, answer: json(web.dashboardSchema) }),

  route('Search', 'GET /api/v1/search', { access: open, handler: search.search, answer: json(web.foundSchema.array()), query: ['q', 'limit'] }),

  route('ListAllJobs', 'GET /api/v1/jobs', { access: open, handler: jobs.listAllJobs, answer: json(shapes.jobSummarySchema.array()) }),
  route('ListJobs', `GET ${pipeline}/jobs`, { access: seen, needs: ['pipeline'], handler: jobs.listJobs, answer: json(shapes.jobSummarySchema.array()) }),
  route('GetJob', `GET ${job}`, { access: seen, needs: ['pipeline', 'job'], handler: jobs.getJob, answer: json(shapes.jobSchema) }),
  route('WhyJob', `GET ${job}/why`, { access: inTeam('viewer'), needs: ['pipeline', 'job'], handler: why.whyJob, answer: json(web.whySchema) }),
  route('JobStats', `GET ${job}/stats`, { access: seen, needs: ['pipeline', 'job'], handler: jobStats.jobStats, answer: json(web.jobStatsSchema), query: ['last'] }),
  route('PauseJob', `PUT ${job}/pause`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'job'], handler: jobs.pauseJob, answer: nothing(), body: bodies.pauseBody }),
  route('UnpauseJob', `PUT ${job}/unpause`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'job'], handler: jobs.unpauseJob, answer: nothing() }),
  route('ScheduleJob', `PUT ${job}/schedule`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'job'], handler: jobs.scheduleJob, answer: nothing(), archived: 'refused' }),
  route('JobBadge', `GET ${job}/badge`, { access: seen, needs: ['pipeline', 'job'], handler: badges.jobBadge, answer: svg, query: ['title'] }),
  route('MainJobBadge', 'GET /api/v1/pipelines/:pipeline_name/jobs/:job_name/badge', { access: open, handler: badges.mainJobBadge, answer: nothing(301) }),
  route('ClearTaskCache', `DELETE ${job}/tasks/:step_name/cache`, { access: inTeam('pipeline-operator'), needs: ['pipeline'], handler: jobs.clearTaskCache, answer: json(shapes.cachesRemovedSchema), query: ['cache_path'] }),
  route('ListJobBuilds', `GET ${job}/builds`, { access: seen, needs: ['pipeline', 'job'], handler: builds.listJobBuilds, answer: json(shapes.buildSchema.array()), query: paged }),
  route('CreateJobBuild', `POST ${job}/builds`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'job'], handler: jobs.createJobBuild, answer: json(shapes.buildSchema), body: bodies.jobBuildBody, archived: 'refused' }),
  route('ListJobInputs', `GET ${job}/inputs`, { access: inTeam('viewer'), needs: ['pipeline', 'job'], handler: versions.listJobInputs, answer: json(shapes.jobInputSchema.array()) }),
  route('RerunJobBuild', `POST ${job}/builds/:build_name`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'job'], handler: versions.rerunJobBuild, answer: json(shapes.buildSchema), query: ['from'], archived: 'refused' }),
  route('GetJobBuild', `GET ${job}/builds/:build_name`, { access: seen, needs: ['pipeline', 'job'], handler: builds.getJobBuild, answer: json(shapes.buildSchema) }),

  route('ListAllResources', 'GET /api/v1/resources', { access: open, handler: resources.listAllResources, answer: json(shapes.resourceSchema.array()) }),
  route('ListResources', `GET ${pipeline}/resources`, { access: seen, needs: ['pipeline'], handler: resources.listResources, answer: json(shapes.resourceSchema.array()) }),
  route('ListResourceTypes', `GET ${pipeline}/resource-types`, { access: seen, needs: ['pipeline'], handler: resources.listResourceTypes, answer: json(shapes.resourceTypeSchema.array()) }),
  route('GetResource', `GET ${resource}`, { access: seen, needs: ['pipeline', 'resource'], handler: resources.getResource, answer: json(shapes.resourceSchema) }),
  route('ListResourceVersions', `GET ${resource}/versions`, { access: seen, needs: ['pipeline', 'resource'], handler: resources.listVersions, answer: json(shapes.resourceVersionSchema.array()), query: ['from', 'to', 'limit', 'filter'] }),
  route('GetResourceVersion', `GET ${version}`, { access: seen, needs: ['pipeline', 'resource'], handler: resources.getVersion, answer: json(shapes.resourceVersionSchema) }),
  route('EnableResourceVersion', `PUT ${version}/enable`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'resource'], handler: resources.setVersionEnabled(true), answer: nothing(), archived: 'refused' }),
  route('DisableResourceVersion', `PUT ${version}/disable`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'resource'], handler: resources.setVersionEnabled(false), answer: nothing(), archived: 'refused' }),
  route('PinResourceVersion', `PUT ${version}/pin`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'resource'], handler: resources.pinVersion, answer: nothing(), archived: 'refused' }),
  route('UnpinResource', `PUT ${resource}/unpin`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'resource'], handler: resources.unpinResource, answer: nothing(), archived: 'refused' }),
  route('SetPinCommentOnResource', `PUT ${resource}/pin_comment`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'resource'], handler: resources.setPinComment, answer: nothing(), body: bodies.pinCommentBody, archived: 'refused' }),

  route('ClearResourceCache', `DELETE ${resource}/cache`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'resource'], handler: shared.clearResourceCache, answer: json(shapes.cachesRemovedSchema), body: bodies.clearCacheBody }),
  route('GetDownstreamResourceCausality', `GET ${version}/downstream`, { access: seen, needs: ['pipeline', 'resource'], handler: versions.causality('downstream'), answer: json(shapes.causalitySchema) }),
  route('GetUpstreamResourceCausality', `GET ${version}/upstream`, { access: seen, needs: ['pipeline', 'resource'], handler: versions.causality('upstream'), answer: json(shapes.causalitySchema) }),

  route('CheckResource', `POST ${resource}/check`, { access: inTeam('pipeline-operator'), needs: ['pipeline', 'resource'], handler: checks.checkResource, answer: json(shapes.buildSchema, 201), body: bodies.checkBody, archived: 'refused' }),
  route('CheckResourceWebHook', `POST ${resource}/check/webhook`, { access: open, needs: ['pipeline', 'resource'], handler: checks.checkByWebhook, answer: nothing(201), query: ['webhook_token'] }),
  route('CheckResourceType', `POST ${pipeline}/resource-types/:resource_type_name/check`, { access: inTeam('pipeline-operator'), needs: ['pipeline'], handler: checks.checkType('resource-type'), answer: json(shapes.buildSchema, 201), body: bodies.checkBody, archived: 'refused' }),
  route('CheckPrototype', `POST ${pipeline}/prototypes/:prototype_name/check`, { access: inTeam('pipeline-operator'), needs: ['pipeline'], handler: checks.checkType('prototype'), answer: json(shapes.buildSchema, 201), body: bodies.checkBody, archived: 'refused' }),
  route('ListSharedForResource', `GET ${resource}/shared`, { access: admin, needs: ['pipeline', 'resource'], handler: shared.listSharedForResource, answer: json(shapes.sharingSchema) }),
  route('ListSharedForResourceType', `GET ${pipeline}/resource-types/:resource_type_name/shared`, { access: admin, needs: ['pipeline'], handler: shared.listSharedForType, answer: json(shapes.sharingSchema) }),
  route('ClearResourceVersions', `DELETE ${resource}/versions`, { access: admin, needs: ['pipeline', 'resource'], handler: shared.clearResourceVersions, answer: json(shapes.versionsRemovedSchema) }),
  route('ClearResourceTypeVersions', `DELETE ${pipeline}/resource-types/:resource_type_name/versions`, { access: admin, needs: ['pipeline'], handler: shared.clearTypeVersions, answer: json(shapes.versionsRemovedSchema) }),
  route('ListBuildsWithVersionAsInput', `GET ${version}/input_to`, { access: seen, needs: ['pipeline', 'resource'], handler: versions.buildsWithVersion('input'), answer: json(shapes.buildSchema.array()) }),
  route('ListBuildsWithVersionAsOutput', `GET ${version}/output_of`, { access: seen, needs: ['pipeline', 'resource'], handler: versions.buildsWithVersion('output'), answer: json(shapes.buildSchema.array()) }),
  route('GetVersionsDB', `GET ${pipeline}/versions-db`, { access: inTeam('viewer'), needs: ['pipeline'], handler: versions.getVersionsDb, answer: json(shapes.versionsDumpSchema) }),

  route('ListBuilds', 'GET /api/v1/builds', { access: open, handler: builds.listBuilds, answer: json(shapes.buildSchema.array()), query: paged }),
  route('GetBuild', `GET ${build}`, { access: readBuild, needs: ['build'], handler: builds.getBuild, answer: json(shapes.buildSchema) }),
  route('BuildResources', `GET ${build}/resources`, { access: readBuild, needs: ['build'], handler: versions.buildResources, answer: json(shapes.buildResourcesSchema) }),
  route('GetBuildPlan', `GET ${build}/plan`, { access: readJobBuild, needs: ['build'], handler: builds.getBuildPlan, answer: json(shapes.planSchema) }),
  route('ListBuildArtifacts', `GET ${build}/artifacts`, { access: readJobBuild, needs: ['build'], handler: artifacts.listBuildArtifacts, answer: json(shapes.artifactSchema.array()) }),
  route('GetBuildPreparation', `GET ${build}/preparation`, { access: readJobBuild, needs: ['build'], handler: builds.getBuildPreparation, answer: json(shapes.preparationSchema) }),
  route('ListBuildSteps', `GET ${build}/steps`, { access: readJobBuild, needs: ['build'], handler: steps.listBuildSteps, answer: json(web.buildStepsSchema) }),
  route('GetBuildLog', `GET ${build}/log`, { access: readJobBuild, needs: ['build'], handler: logs.getBuildLog, answer: plain, query: logQuery }),
  route('HeadBuildLog', `HEAD ${build}/log`, { access: readJobBuild, needs: ['build'], handler: logs.headBuildLog, answer: nothing(), query: logQuery }),
  route('ListBuildOutputs', `GET ${build}/outputs`, { access: inBuild, needs: ['build'], handler: outputs.listBuildOutputs, answer: json(web.outputSchema.array()) }),
  route('ListOutputFiles', `GET ${output}/files`, { access: inBuild, needs: ['build'], handler: outputs.listOutputFiles, answer: json(web.outputFileSchema.array()), query: ['path', 'after', 'limit'] }),
  route('GetOutputFile', `GET ${output}/raw/*`, { access: inBuild, needs: ['build'], handler: outputs.getOutputFile, answer: media('application/octet-stream'), query: ['path'] }),
  route('GetBuildTests', `GET ${build}/tests`, { access: readJobBuild, needs: ['build'], handler: tests.getBuildTests, answer: json(web.buildTestsSchema), query: ['cases'] }),
  route('BuildEvents', `GET ${build}/events`, { access: readJobBuild, needs: ['build'], handler: builds.buildEvents, answer: media('text/event-stream; charset=utf-8') }),
  // Params may be secrets: they are for whoever may give them.
  route('GetBuildRequest', `GET ${build}/request`, { access: changeBuild, needs: ['build'], handler: requests.getBuildRequest, answer: json(web.givenByHandSchema) }),
  route('AbortBuild', `PUT ${build}/abort`, { access: changeBuild, needs: ['build'], handler: builds.abortBuild, answer: nothing(204) }),
  route('SetBuildComment', `PUT ${build}/comment`, { access: changeBuild, needs: ['build'], handler: builds.setBuildComment, answer: nothing(), body: bodies.commentBody }),

  route('ListContainers', `GET ${team}/containers`, { access: inTeam('viewer'), handler: containers.listContainers, answer: json(shapes.containerSchema.array()), query: ['pipeline_name', 'job_name', 'build_name', 'build_id', 'pipeline_id', 'job_id', 'step_name', 'type', 'attempt', 'resource_name'] }),
  route('GetContainer', `GET ${team}/containers/:id`, { access: inTeam('viewer'), handler: containers.getContainer, answer: json(shapes.containerSchema) }),
  route('HijackContainer', `GET ${team}/containers/:id/hijack`, { access: inTeam('member'), handler: containers.hijackContainer, answer: { kind: 'upgrade', status: 101 } }),
  route('ListVolumes', `GET ${team}/volumes`, { access: inTeam('viewer'), handler: volumes.listVolumes, answer: json(shapes.volumeSchema.array()) }),
  route('ListWorkers', 'GET /api/v1/workers', { access: { kind: 'any-role' }, handler: workers.listWorkers, answer: json(shapes.workerSchema.array()) }),
  route('RegisterWorker', 'POST /api/v1/workers', { access: loggedIn, handler: workers.notForWorkers, answer: notHere }),
  route('HeartbeatWorker', `PUT ${worker}/heartbeat`, { access: loggedIn, handler: workers.notForWorkers, answer: notHere }),
  route('DeleteWorker', `DELETE ${worker}`, { access: loggedIn, handler: workers.notForWorkers, answer: notHere }),
  route('LandWorker', `PUT ${worker}/land`, { access: admin, handler: workers.drainTheNode, answer: plain }),
  route('RetireWorker', `PUT ${worker}/retire`, { access: admin, handler: workers.drainTheNode, answer: plain }),
  route('PruneWorker', `PUT ${worker}/prune`, { access: admin, handler: workers.pruneTheNode, answer: json(shapes.pruneRefusedSchema, 400) }),
  route('ListDestroyingContainers', 'GET /api/v1/containers/destroying', { access: admin, handler: workers.notForWorkers, answer: notHere }),
  route('ReportWorkerContainers', 'PUT /api/v1/containers/report', { access: admin, handler: workers.notForWorkers, answer: notHere }),
  route('ListDestroyingVolumes', 'GET /api/v1/volumes/destroying', { access: admin, handler: workers.notForWorkers, answer: notHere }),
  route('ReportWorkerVolumes', 'PUT /api/v1/volumes/report', { access: admin, handler: workers.notForWorkers, answer: notHere }),
]
