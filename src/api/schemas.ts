import { z } from 'zod'
import { roles } from '../model/team.ts'

/** JSON of the API's answers, as Concourse has them; keys that are absent are never null. */
const seconds = z.number().int()
const vars = z.record(z.string(), z.unknown())
const status = z.enum(['pending', 'started', 'succeeded', 'failed', 'errored', 'aborted'])

export const buildSchema = z.strictObject({
  id: z.number().int(),
  team_name: z.string(),
  name: z.string(),
  status,
  api_url: z.string(),
  comment: z.string().exactOptional(),
  job_name: z.string().exactOptional(),
  pipeline_id: z.number().int().exactOptional(),
  pipeline_name: z.string().exactOptional(),
  pipeline_instance_vars: vars.exactOptional(),
  start_time: seconds.exactOptional(),
  end_time: seconds.exactOptional(),
  reap_time: seconds.exactOptional(),
  created_by: z.string().exactOptional(),
  rerun_number: z.number().int().exactOptional(),
  rerun_of: z.strictObject({ id: z.number().int(), name: z.string().exactOptional() }).exactOptional(),
})

export const buildSummarySchema = buildSchema.omit({ api_url: true, created_by: true, comment: true, rerun_number: true, rerun_of: true })

const jobFields = {
  id: z.number().int(),
  name: z.string(),
  team_name: z.string(),
  pipeline_id: z.number().int(),
  pipeline_name: z.string(),
  pipeline_instance_vars: vars.exactOptional(),
  paused: z.boolean().exactOptional(),
  paused_by: z.string().exactOptional(),
  paused_at: seconds.exactOptional(),
  /** Not in Concourse's. */
  paused_why: z.string().exactOptional(),
  has_new_inputs: z.boolean().exactOptional(),
  groups: z.array(z.string()).exactOptional(),
  inputs: z.array(z.strictObject({ name: z.string(), resource: z.string(), trigger: z.boolean(), passed: z.array(z.string()).exactOptional() })).exactOptional(),
  outputs: z.array(z.strictObject({ name: z.string(), resource: z.string() })).exactOptional(),
}
export const jobSchema = z.strictObject({
  ...jobFields,
  disable_manual_trigger: z.boolean().exactOptional(),
  disable_reruns: z.boolean().exactOptional(),
  next_build: buildSchema.nullable(),
  finished_build: buildSchema.nullable(),
})
export const jobSummarySchema = z.strictObject({ ...jobFields, next_build: buildSummarySchema.exactOptional(), finished_build: buildSummarySchema.exactOptional(), transition_build: buildSummarySchema.exactOptional() })

export const pipelineSchema = z.strictObject({
  id: z.number().int(),
  name: z.string(),
  instance_vars: vars.exactOptional(),
  paused: z.boolean(),
  paused_by: z.string().exactOptional(),
  paused_at: seconds.exactOptional(),
  /** Not in Concourse's. */
  paused_why: z.string().exactOptional(),
  public: z.boolean(),
  archived: z.boolean(),
  groups: z.array(z.strictObject({ name: z.string(), jobs: z.array(z.string()).exactOptional(), resources: z.array(z.string()).exactOptional() })).exactOptional(),
  team_name: z.string(),
  display: z.unknown().exactOptional(),
  user_data: z.unknown().exactOptional(),
  parent_build_id: z.number().int().exactOptional(),
  parent_job_id: z.number().int().exactOptional(),
  last_updated: seconds.exactOptional(),
})

const version = z.record(z.string(), z.string())
export const resourceSchema = z.strictObject({
  /** By which pages follow it (`resource/ID` of the watch route); not in Concourse's. */
  id: z.number().int(),
  name: z.string(),
  pipeline_id: z.number().int(),
  pipeline_name: z.string(),
  pipeline_instance_vars: vars.exactOptional(),
  team_name: z.string(),
  type: z.string(),
  last_checked: seconds.exactOptional(),
  icon: z.string().exactOptional(),
  pinned_version: version.exactOptional(),
  pinned_in_config: z.boolean().exactOptional(),
  pin_comment: z.string().exactOptional(),
  build: buildSummarySchema.exactOptional(),
})
const dumpedVersion = { VersionID: z.number().int(), ResourceID: z.number().int(), CheckOrder: z.number().int(), ScopeID: z.number().int() }
const ofBuild = { BuildID: z.number().int(), JobID: z.number().int() }
/** Its keys are capitalised in Concourse. */
export const versionsDumpSchema = z.strictObject({
  Jobs: z.array(z.strictObject({ Name: z.string(), ID: z.number().int() })),
  Resources: z.array(z.strictObject({ Name: z.string(), ID: z.number().int(), ScopeID: z.number().int() })),
  ResourceVersions: z.array(z.strictObject(dumpedVersion)),
  BuildOutputs: z.array(z.strictObject({ ...dumpedVersion, ...ofBuild })),
  BuildInputs: z.array(z.strictObject({ ...dumpedVersion, ...ofBuild, InputName: z.string() })),
  BuildReruns: z.array(z.strictObject({ ...ofBuild, RerunOf: z.number().int() })),
})
export const buildResourcesSchema = z.strictObject({
  inputs: z.array(z.strictObject({ name: z.string(), version, pipeline_id: z.number().int(), first_occurrence: z.boolean() })),
  outputs: z.array(z.strictObject({ name: z.string(), version })),
})
export const jobInputSchema = z.strictObject({
  name: z.string(),
  resource: z.string(),
  type: z.string(),
  source: z.record(z.string(), z.unknown()),
  params: z.record(z.string(), z.unknown()).exactOptional(),
  version,
  tags: z.array(z.string()).exactOptional(),
})
export const containerSchema = z.strictObject({
  id: z.string(),
  worker_name: z.string(),
  state: z.enum(['created', 'creating', 'destroying', 'failed']),
  type: z.enum(['check', 'get', 'put', 'task', 'run']),
  step_name: z.string().exactOptional(),
  attempt: z.string().exactOptional(),
  pipeline_id: z.number().int().exactOptional(),
  job_id: z.number().int().exactOptional(),
  build_id: z.number().int().exactOptional(),
  pipeline_name: z.string().exactOptional(),
  pipeline_instance_vars: vars.exactOptional(),
  job_name: z.string().exactOptional(),
  build_name: z.string().exactOptional(),
  resource_name: z.string().exactOptional(),
})
export const workerSchema = z.strictObject({
  addr: z.string(),
  baggageclaim_url: z.string(),
  active_containers: z.number().int(),
  active_volumes: z.number().int(),
  active_tasks: z.number().int(),
  resource_types: z.array(z.strictObject({ type: z.string(), image: z.string(), version: z.string(), privileged: z.boolean(), unique_version_history: z.boolean() })),
  platform: z.string(),
  tags: z.array(z.string()),
  team: z.string(),
  name: z.string(),
  version: z.string(),
  start_time: seconds,
  ephemeral: z.boolean(),
  state: z.enum(['running', 'stalled']),
})
const baseType = z.strictObject({ name: z.string(), version: z.string() })
export const volumeSchema = z.strictObject({
  id: z.string(),
  worker_name: z.string(),
  type: z.enum(['task-cache', 'artifact']),
  container_handle: z.string(),
  path: z.string(),
  parent_handle: z.string(),
  resource_type: z.null(),
  base_resource_type: baseType.nullable(),
  pipeline_id: z.number().int(),
  pipeline_name: z.string(),
  pipeline_instance_vars: vars.nullable(),
  job_name: z.string(),
  step_name: z.string(),
})
const namedInPipeline = z.strictObject({ name: z.string(), pipeline_name: z.string(), team_name: z.string() })
export const sharingSchema = z.strictObject({ resources: z.array(namedInPipeline), resource_types: z.array(namedInPipeline) })
export const versionsRemovedSchema = z.strictObject({ versions_removed: z.number().int() })
export const resourceTypeSchema = z.strictObject({
  name: z.string(),
  type: z.string(),
  source: z.record(z.string(), z.unknown()),
  defaults: z.record(z.string(), z.unknown()).exactOptional(),
  privileged: z.boolean().exactOptional(),
  check_every: z.string().exactOptional(),
  tags: z.array(z.string()).exactOptional(),
  params: z.record(z.string(), z.unknown()).exactOptional(),
})
export const resourceVersionSchema = z.strictObject({
  id: z.number().int(),
  metadata: z.array(z.strictObject({ name: z.string(), value: z.string() })).exactOptional(),
  version,
  enabled: z.boolean(),
})

const warning = z.strictObject({ type: z.string(), message: z.string() })
export const saveConfigSchema = z.strictObject({ errors: z.array(z.string()).exactOptional(), warnings: z.array(warning).exactOptional() })
/** What setting a config would do, as sentences. */
export const dryRunSchema = z.strictObject({ changes: z.array(z.string()), warnings: z.array(warning) })
/** A config that a pipeline had or has; `time` in Unix seconds. `set_by_build`: the id of the build whose step set it; it may be gone. */
export const configVersionSchema = z.strictObject({ version: z.number().int(), set_by: z.string(), set_by_build: z.number().int().exactOptional(), time: z.number().int(), current: z.boolean() })
export const configSchema = z.strictObject({ config: z.record(z.string(), z.unknown()) })

const teamAuth = z.partialRecord(z.enum(roles), z.strictObject({ users: z.array(z.string()), groups: z.array(z.string()) }))
export const teamSchema = z.strictObject({ id: z.number().int(), name: z.string(), auth: teamAuth })

export const setTeamSchema = z.strictObject({ errors: z.array(z.string()).exactOptional(), warnings: z.array(warning).exactOptional(), team: teamSchema.partial() })

export const infoSchema = z.strictObject({
  version: z.string(),
  worker_version: z.string(),
  feature_flags: z.strictObject({ global_resources: z.boolean(), build_rerun: z.boolean(), cache_streamed_volumes: z.boolean(), resource_causality: z.boolean() }),
  external_url: z.string().exactOptional(),
  cluster_name: z.string().exactOptional(),
  web_image_hosts: z.array(z.string()).exactOptional(),
})

export const tokenAnswerSchema = z.union([
  z.strictObject({ access_token: z.string(), token_type: z.literal('bearer'), expires_in: z.number().int(), issued_token_type: z.string().exactOptional() }),
  z.strictObject({ error: z.string(), error_description: z.string() }),
])

/** `TTL`: nanoseconds that are left. */
export const wallSchema = z.strictObject({ message: z.string().exactOptional(), TTL: z.number().int().exactOptional() })
/** `interval` in nanoseconds, as Go has it. */
export const componentSchema = z.strictObject({ name: z.string(), interval: z.number().int(), last_ran: z.string(), paused: z.boolean() })
export const activeUserSchema = z.strictObject({ id: z.number().int(), username: z.string(), connector: z.string(), last_login: seconds })
/** `user`: absent for people without a valid token. `status`: of the answer. */
export const auditEntrySchema = z.strictObject({
  id: z.number().int(),
  time: seconds,
  action: z.string(),
  user: z.strictObject({ id: z.number().int().exactOptional(), name: z.string() }).exactOptional(),
  token: z.strictObject({ kind: z.string(), id: z.number().int() }).exactOptional(),
  team: z.string().exactOptional(),
  subject: z.string(),
  status: z.number().int(),
  address: z.string(),
  detail: vars.exactOptional(),
})
export const errorSchema = z.strictObject({ error: z.string() })
export const pruneRefusedSchema = z.strictObject({ stderr: z.string() })
/** Of this server as an issuer of tokens for var sources of type idtoken. */
export const openIdConfigurationSchema = z.strictObject({
  issuer: z.string(),
  jwks_uri: z.string(),
  claims_supported: z.array(z.string()),
  response_types_supported: z.array(z.string()),
  id_token_signing_alg_values_supported: z.array(z.string()),
  subject_types_supported: z.array(z.string()),
})
export const jwksSchema = z.strictObject({ keys: z.array(z.record(z.string(), z.string())) })
export const credentialManagersSchema = z.record(z.string(), z.unknown())
/** `build_id`: 0 of what was uploaded. */
export const artifactSchema = z.strictObject({ id: z.number().int(), name: z.string(), build_id: z.number().int(), created_at: seconds })
const ids = z.array(z.number().int())
/** Builds and versions that lead from one version to others. */
export const causalitySchema = z.strictObject({
  jobs: z.array(z.strictObject({ id: z.number().int(), name: z.string(), build_ids: ids.exactOptional() })),
  /** What is not here, as a sentence; not in Concourse's, which refuses to answer then. */
  left_out: z.string().exactOptional(),
  builds: z.array(z.strictObject({ id: z.number().int(), name: z.string(), job_id: z.number().int(), status, resource_version_ids: ids.exactOptional() })),
  resources: z.array(z.strictObject({ id: z.number().int(), name: z.string(), version_ids: ids.exactOptional() })),
  resource_versions: z.array(z.strictObject({ id: z.number().int(), resource_id: z.number().int(), version: z.record(z.string(), z.string()), build_ids: ids.exactOptional() })),
})
export const cachesRemovedSchema = z.strictObject({ caches_removed: z.number().int() })

export const userSchema = z.strictObject({
  sub: z.string(),
  name: z.string(),
  user_id: z.string(),
  user_name: z.string(),
  email: z.string(),
  is_admin: z.boolean(),
  is_system: z.boolean(),
  teams: z.record(z.string(), z.array(z.enum(roles))),
  connector: z.string(),
  display_user_id: z.string(),
  /** Routes that the person may use in each team, by name; a Concourse server does not say. */
  actions: z.record(z.string(), z.array(z.string())).exactOptional(),
  /** The least role of each route that needs one, by the route's name: an operator may have changed it (config-rbac). */
  needs: z.record(z.string(), z.enum(roles)).exactOptional(),
})

export const apiTokenSchema = z.strictObject({
  id: z.number().int(),
  name: z.string(),
  prefix: z.string(),
  team: z.string().exactOptional(),
  role: z.enum(roles).exactOptional(),
  created_at: seconds,
  expires_at: seconds,
  last_used_at: seconds.exactOptional(),
  value: z.string().exactOptional(),
})

export const planSchema = z.strictObject({ schema: z.literal('exec.v2'), plan: z.record(z.string(), z.unknown()) })

const prep = z.enum(['unknown', 'blocking', 'not_blocking'])
export const preparationSchema = z.strictObject({
  build_id: z.number().int(),
  paused_pipeline: prep,
  paused_job: prep,
  max_running_builds: prep,
  inputs: z.record(z.string(), prep),
  inputs_satisfied: prep,
  missing_input_reasons: z.record(z.string(), z.string()),
})
