import { z } from 'zod'
import { roles } from '../model/team.ts'
import { buildSchema, jobSchema, jobSummarySchema, pipelineSchema, resourceSchema, resourceVersionSchema, userSchema } from './schemas.ts'

/** JSON of the answers that the web UI has beyond Concourse's API: src/client/web-shapes.ts has their types. Times are unix ms, absent keys are never null. */
const ms = z.number().int()
const count = z.number().int()
const version = z.record(z.string(), z.string())
const status = z.enum(['pending', 'started', 'succeeded', 'failed', 'errored', 'aborted'])

/** The first that holds: it is paused; the last build of some job failed …; one runs; all succeeded that ran; none did. Paused jobs do not count. */
const cardStates = ['paused', 'failed', 'errored', 'aborted', 'running', 'succeeded', 'pending'] as const

/** A pipeline on the dashboard. */
export const cardSchema = z.strictObject({
  id: z.number().int(),
  team: z.string(),
  name: z.string(),
  vars: z.record(z.string(), z.unknown()).exactOptional(),
  /** Its place among the pipelines of its team that the caller sees, from 0. */
  pos: count,
  /** A character a job, in the config's order: s, f, e, a as its last finished build, p when it never ran; a capital while a build runs; `.` paused. */
  jobs: z.string(),
  /** Their names, a line each. */
  names: z.string().exactOptional(),
  s: z.enum(cardStates),
  /** What its sentence says: the job that is worst, and since when. `check`: a resource cannot be checked; `job` is its name then, and `text` says why. `new`: nothing ran yet. */
  n: z.strictObject({ kind: z.enum([...cardStates, 'check', 'new']), job: z.string().exactOptional(), at: ms.exactOptional(), text: z.string().exactOptional() }),
  /** `by` and `why`: for those with a role in the team. */
  paused: z.strictObject({ by: z.string().exactOptional(), at: ms.exactOptional(), why: z.string().exactOptional() }).exactOptional(),
  /** How many resources cannot be checked; none of a pipeline that is paused, which is not checked. */
  checks: count.exactOptional(),
  /** Somebody, or the config, has pinned a resource. */
  pinned: z.literal(true).exactOptional(),
  public: z.literal(true).exactOptional(),
  archived: z.literal(true).exactOptional(),
  groups: z.array(z.string()).exactOptional(),
  display: z.record(z.string(), z.unknown()).exactOptional(),
})

export const dashboardSchema = z.strictObject({ rev: z.string(), pipelines: z.array(cardSchema) })

export const outputSchema = z.strictObject({ plan: z.string(), name: z.string(), digest: z.string().exactOptional(), bytes: count, files: count.exactOptional() })

/** In a folder of an output. `mode`: as Unix has it. `target`: of a symbolic link. */
export const outputFileSchema = z.strictObject({ name: z.string(), type: z.enum(['file', 'dir', 'link']), size: count, mode: count, mtime: ms, target: z.string().exactOptional() })

export const stepImageSchema = z.strictObject({
  reference: z.string(),
  repository: z.string(),
  tag: z.string().exactOptional(),
  digest: z.string().exactOptional(),
  by: z.enum(['check', 'pin', 'tag', 'node', 'artifact', 'base-type']),
  host: z.string().exactOptional(),
  /** Sent to registries by the server. */
  requests: count,
  /** How long finding it took. */
  ms: ms.exactOptional(),
  /** Of the image, when the container was asked for. */
  at: ms.exactOptional(),
  /** Of the node: `linux/amd64`. */
  platform: z.string().exactOptional(),
  /** The node pulls it from its registry. */
  native: z.boolean(),
  whyNot: z.string().exactOptional(),
  pull: z.strictObject({ node: z.string().exactOptional(), ms: ms.exactOptional(), cached: z.boolean() }).exactOptional(),
  /** Bytes of its layers that went through the server. */
  layerBytes: count,
  policy: z.strictObject({ allowed: z.boolean(), reasons: z.array(z.string()) }).exactOptional(),
  /** What the same step had in the job's last build before in which it had a digest; absent: in none of the last few. */
  former: z.strictObject({ build: z.string(), digest: z.string() }).exactOptional(),
})

/** Of a build, in the plan's order, parents before their children. Plans that only hold others (do, in_parallel …) are steps too. */
export const stepSchema = z.strictObject({
  id: z.string(),
  parent: z.string().exactOptional(),
  /** As plans call it: get, put, task, check, do, in_parallel, retry … */
  kind: z.string(),
  /** What it is to its parent. */
  role: z.enum(['step', 'hook', 'attempt', 'image', 'made']),
  /** When it runs, of a hook: on_success, on_failure, on_abort, on_error, ensure. */
  hook: z.string().exactOptional(),
  name: z.string().exactOptional(),
  attempt: count.exactOptional(),
  /** Of a step that an across made: the values of its vars. */
  values: z.array(z.unknown()).exactOptional(),
  /** Resource of a get or put, where it is one of the pipeline. */
  resource: z.string().exactOptional(),
  state: z.enum(['pending', 'waiting', 'running', 'succeeded', 'failed', 'errored', 'aborted', 'skipped']),
  exit: z.number().int().exactOptional(),
  error: z.string().exactOptional(),
  /** By the server's clock; ready − prepare = making ready; turn − ready = ready before its turn (< 0: the step waited for its container). */
  t: z.strictObject({ prepare: ms.exactOptional(), pulled: ms.exactOptional(), ready: ms.exactOptional(), turn: ms.exactOptional(), start: ms.exactOptional(), end: ms.exactOptional() }),
  waits: z.array(z.strictObject({ kind: z.string(), message: z.string(), from: ms, to: ms.exactOptional() })),
  /** Of many waits, how many are left out. */
  moreWaits: count.exactOptional(),
  version: version.exactOptional(),
  metadata: z.array(z.strictObject({ name: z.string(), value: z.string() })).exactOptional(),
  cache: z.enum(['hit', 'miss']).exactOptional(),
  image: stepImageSchema.exactOptional(),
  /** Where it runs or is kept; `runtime`: as fly calls the worker. */
  container: z
    .strictObject({ handle: z.string(), node: z.string().exactOptional(), runtime: z.string(), origin: z.enum(['made', 'prepared-ahead', 'warm-sandbox', 'shared']).exactOptional(), state: z.enum(['running', 'kept']), endsAt: ms.exactOptional() })
    .exactOptional(),
  outputs: z.array(outputSchema),
  moreOutputs: count.exactOptional(),
  /** It did not run: it is taken as it ended in the build of this name, of the same job. */
  reusedFrom: z.string().exactOptional(),
})

/** The version of the pipeline's config that a build's plan was made from, for those with a role in the team. `older`: the pipeline was set again since; `gone`: and the version is not kept any more. */
export const buildConfigSchema = z.strictObject({ version: z.number().int(), state: z.enum(['current', 'older', 'gone']) })

/** `more`: steps beyond the first ten thousand. */
export const buildStepsSchema = z.strictObject({ build: buildSchema, config: buildConfigSchema.exactOptional(), steps: z.array(stepSchema), more: count.exactOptional() })

/** What a build was triggered with beside what the config says. */
export const givenByHandSchema = z.strictObject({ versions: z.array(z.strictObject({ name: z.string(), version })), params: z.record(z.string(), z.unknown()) })

const testCountsSchema = z.strictObject({ passed: count, failed: count, errored: count, skipped: count })

/** Cases of one suite in one file of a step's output (`OUTPUT/path/in/it`); those that failed come first. */
export const testSuiteSchema = z.strictObject({
  plan: z.string(),
  file: z.string(),
  name: z.string(),
  counts: testCountsSchema,
  cases: z.array(
    z.strictObject({
      name: z.string(),
      class: z.string().exactOptional(),
      state: z.enum(['passed', 'failed', 'errored', 'skipped']),
      ms: ms.exactOptional(),
      /** One line. */
      message: z.string().exactOptional(),
      /** What the tool says of it. */
      text: z.string().exactOptional(),
      /** What a case that failed wrote. */
      output: z.string().exactOptional(),
    }),
  ),
})

/** Of a build. `counts`: of all cases that were read; of a suite: of those that are listed where all are asked for. `suites`: those with failed cases first. `left_out`: sentences. */
export const buildTestsSchema = z.strictObject({
  counts: testCountsSchema,
  suites: z.array(testSuiteSchema),
  left_out: z.array(z.string()),
})

/** Why a build waits, or why no build started. `text`: a sentence. */
export const whySchema = z.strictObject({
  sentence: z.string(),
  reasons: z.array(z.strictObject({ kind: z.string(), text: z.string(), since: ms.exactOptional(), link: z.string().exactOptional() })),
})

export const jobStatsSchema = z.strictObject({
  /** The oldest first. */
  builds: z.array(z.strictObject({ id: z.number().int(), name: z.string(), status, start: ms.exactOptional(), end: ms.exactOptional() })),
  /** `ms`: one a build, in the same order; null: the step did not run in it. */
  steps: z.array(z.strictObject({ name: z.string(), ms: z.array(ms.nullable()) })),
})

export const foundSchema = z.strictObject({ kind: z.enum(['pipeline', 'job', 'resource', 'build', 'version']), title: z.string(), where: z.string(), url: z.string(), status: status.exactOptional() })

/**
 * What the topics of /api/v1/watch hold: items with ids, which a patch replaces by their id.
 * `dashboard`: cards. `builds?…`: builds. The others mix kinds, whose ids begin with the kind.
 */
export const pipelineItemSchema = z.union([
  z.strictObject({ id: z.literal('pipeline'), pipeline: pipelineSchema }),
  /** `id`: `job/NAME`, in the config's order. */
  z.strictObject({ id: z.string(), job: jobSummarySchema }),
  z.strictObject({ id: z.string(), resource: resourceSchema }),
])
export const jobItemSchema = z.union([
  z.strictObject({ id: z.literal('job'), job: jobSchema }),
  z.strictObject({ id: z.literal('why'), why: whySchema }),
  /** The newest hundred. */
  z.strictObject({ id: z.string(), build: buildSchema }),
])
export const resourceItemSchema = z.union([
  z.strictObject({ id: z.literal('resource'), resource: resourceSchema }),
  /** `id`: `version/ID`, the newest hundred. */
  z.strictObject({ id: z.string(), version: resourceVersionSchema }),
])
export const buildItemSchema = z.union([
  z.strictObject({ id: z.literal('build'), build: buildSchema, why: whySchema.exactOptional(), config: buildConfigSchema.exactOptional() }),
  /** `id`: `step/PLAN`, in the plan's order; none for whom the job's log is hidden from. */
  z.strictObject({ id: z.string(), step: stepSchema }),
])
/** The message that is shown to everybody. */
export const wallItemSchema = z.strictObject({ id: z.literal('wall'), message: z.string() })
/** How many builds run and wait among those that the caller may see. */
export const unfinishedItemSchema = z.strictObject({ id: z.literal('unfinished'), running: count, waiting: count })
export const meItemSchema = z.strictObject({ id: z.literal('me'), user: userSchema })

/** By what team auth knows a person, and what that comes to. */
export const userExplainedSchema = z.strictObject({
  connector: z.string(),
  subject: z.string(),
  name: z.string(),
  full_name: z.string().exactOptional(),
  email: z.string().exactOptional(),
  groups: z.array(z.string()),
  last_login: ms,
  /** The last login is too long ago for its groups to count. */
  groups_lapsed: z.boolean(),
  /** False: somebody else had the name first, so that it does not count for this person. */
  name_counts: z.boolean(),
  /** Entries of team auth that mean the person. */
  team_auth: z.strictObject({ users: z.array(z.string()), groups: z.array(z.string()) }),
  is_admin: z.boolean(),
  teams: z.record(z.string(), z.array(z.enum(roles))),
  /** What the token that asks is limited to. */
  token_limits: z.strictObject({ team: z.string().exactOptional(), role: z.enum(roles).exactOptional() }),
})
