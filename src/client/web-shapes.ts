import type { z } from 'zod'
import type * as hijack from '../api/hijack-schemas.ts'
import type * as api from '../api/schemas.ts'
import type * as web from '../api/web-schemas.ts'

/**
 * Types of what the server answers the web UI: web/ imports them from here, as types alone, so that no code of the server gets into its bundle.
 * Who changes a shape changes the schema, and tests compare each answer with it.
 */
export type User = z.output<typeof api.userSchema>
export type Team = z.output<typeof api.teamSchema>
export type ApiToken = z.output<typeof api.apiTokenSchema>
export type Info = z.output<typeof api.infoSchema>
export type Worker = z.output<typeof api.workerSchema>
export type Container = z.output<typeof api.containerSchema>
export type Volume = z.output<typeof api.volumeSchema>
export type Wall = z.output<typeof api.wallSchema>
export type ActiveUser = z.output<typeof api.activeUserSchema>
export type AuditEntry = z.output<typeof api.auditEntrySchema>
export type Pipeline = z.output<typeof api.pipelineSchema>
export type JobSummary = z.output<typeof api.jobSummarySchema>
export type Job = z.output<typeof api.jobSchema>
export type Resource = z.output<typeof api.resourceSchema>
export type ResourceVersion = z.output<typeof api.resourceVersionSchema>
export type Build = z.output<typeof api.buildSchema>
export type BuildSummary = z.output<typeof api.buildSummarySchema>
export type Preparation = z.output<typeof api.preparationSchema>

export type Card = z.output<typeof web.cardSchema>
export type CardState = Card['s']
/** GET /api/v1/dashboard. */
export type Dashboard = z.output<typeof web.dashboardSchema>
export type ConfigVersion = z.output<typeof api.configVersionSchema>
export type BuildConfig = z.output<typeof web.buildConfigSchema>
/** GET /api/v1/builds/ID/steps. */
export type BuildSteps = z.output<typeof web.buildStepsSchema>
/** GET /api/v1/builds/ID/request. */
export type GivenByHand = z.output<typeof web.givenByHandSchema>
export type Step = z.output<typeof web.stepSchema>
export type Image = z.output<typeof web.stepImageSchema>
export type Output = z.output<typeof web.outputSchema>
export type OutputFile = z.output<typeof web.outputFileSchema>
/** GET /api/v1/builds/ID/tests. */
export type BuildTests = z.output<typeof web.buildTestsSchema>
export type TestSuite = z.output<typeof web.testSuiteSchema>
export type TestCase = TestSuite['cases'][number]
export type Why = z.output<typeof web.whySchema>
export type JobStats = z.output<typeof web.jobStatsSchema>
export type Found = z.output<typeof web.foundSchema>

/**
 * /api/v1/watch: a WebSocket with the subprotocol `airside.watch.1`. With `?topics=a,b` and `Accept: text/event-stream` the same
 * messages come as SSE data lines, `sub` being a topic's place in the list, from 0; events of builds are not among them.
 *
 * Of `build/ID/events?after=N` come binary messages: 4 bytes, the sub as a big-endian number, then whole frames of the event stream as
 * /api/v1/builds/ID/events sends them (`id: N`, `event: event`, `data: …`). After `event: end` nothing more comes.
 */
export type WatchRequest = { readonly sub: number; readonly topic: WatchTopic; /** What the client has; nothing comes while that is current. */ readonly rev?: string } | { readonly unsub: number }

export type WatchTopic = keyof WatchItems | `builds?${string}` | `build/${number}/events?after=${number}`

/** Items of each topic; each has an `id`, by which a patch replaces it. Their order is the server's: one that is new in a patch comes last until the next set. */
export interface WatchItems {
  readonly me: z.output<typeof web.meItemSchema>
  /** Nothing: no message is shown to everybody. */
  readonly wall: z.output<typeof web.wallItemSchema>
  readonly dashboard: Card
  readonly unfinished: z.output<typeof web.unfinishedItemSchema>
  readonly [pipeline: `pipeline/${number}`]: z.output<typeof web.pipelineItemSchema>
  readonly [job: `job/${number}`]: z.output<typeof web.jobItemSchema>
  readonly [resource: `resource/${number}`]: z.output<typeof web.resourceItemSchema>
  readonly [build: `build/${number}`]: z.output<typeof web.buildItemSchema>
}

/** `error`: 401 log in (again), 403, 404, 410 it is gone; the subscription is over then, and so it is after 400, a topic that is none, and 429, too many. */
export type WatchMessage<Item> =
  | { readonly sub: number; readonly rev: string; readonly set: readonly Item[] }
  | { readonly sub: number; readonly rev: string; readonly patch: readonly (Item | Gone)[] }
  | { readonly sub: number; readonly error: 400 | 401 | 403 | 404 | 410 | 429 }

/** Items of one that is no longer there. */
export interface Gone {
  readonly id: number | string
  readonly gone: true
}

/**
 * A terminal: /api/v1/teams/TEAM/containers/HANDLE/hijack, a WebSocket as fly's intercept uses it, with frames of JSON. A page opens it with the
 * subprotocols `airside.hijack.1` and `airside.csrf.TOKEN`, the header X-Csrf-Token of /api/v1/user: `new WebSocket(url, ['airside.hijack.1', …])`; the
 * server answers with the first. The role member is needed, of a check's container an admin's. A browser does not show why a socket was refused: GET
 * /api/v1/teams/TEAM/containers/HANDLE answers 404 once the container is gone.
 *
 * The first frame is a TerminalSpec, the others TerminalInput; `stdin`, `stdout` and `stderr` are base64. After the last frame the server closes with 1000;
 * with 1003 after a first frame that is no spec, with 1012 when it stops. `executable_not_found` comes before its error: try `sh` after `bash`.
 */
export type TerminalSpec = z.input<typeof hijack.hijackSpecSchema>
export type TerminalInput = z.input<typeof hijack.hijackInputSchema>
export type TerminalOutput = z.output<typeof hijack.hijackOutputSchema>
