import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import type { z } from 'zod'
import type { Principal } from '../auth/roles.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { JsonObject } from '../model/json.ts'
import type { ListedBuild } from '../model/listed-build.ts'
import type { Job, Pipeline } from '../model/pipeline.ts'
import type { PipelineConfigs } from '../pipelines/configs.ts'
import type { RateLimit } from '../lib/rate-limit.ts'
import type { EventHub } from './events/hub.ts'
import type { Seats } from './events/seats.ts'
import type { KeptLists } from './lists/kept-lists.ts'
import type { ListedConfigs } from './lists/listed-configs.ts'
import type { ApiPorts, ListedResource } from './ports.ts'
import type { PolicyChecks } from '../model/policy.ts'
import type { Access } from './access.ts'
import type { Reply } from './reply.ts'
import type { WebPorts } from './web-ports.ts'

export interface ApiServices extends ApiPorts, WebPorts {
  /** As they are mounted, with the roles of this server. */
  readonly routes: readonly Route[]
  readonly configs: PipelineConfigs
  readonly listedConfigs: ListedConfigs
  readonly keptLists: KeptLists
  readonly hub: EventHub
  /** Event streams that are open. */
  readonly seats: Seats
  /** Of each resource. */
  readonly webhookRate: RateLimit
  /** Absent: no request is asked about. */
  readonly policy?: PolicyChecks
  readonly watch: WatchService
  readonly clock: Clock
  readonly externalUrl: string
  readonly webImageHosts?: readonly string[]
  /** Resources of one config share versions, across pipelines. */
  readonly globalResources?: boolean
  readonly log: Log
}

/** Who follows topics, and who that is by now. */
export type Caller = Pick<ApiRequest, 'principal' | 'again'>

/** What the web UI's pages follow. */
export interface WatchService {
  socket(socket: WebSocket, caller: Caller): Promise<void>
  stream(response: ServerResponse, caller: Caller, topics: readonly string[]): Promise<void>
}

export interface ApiRequest {
  readonly principal: Principal
  /** The client's. */
  readonly address: string
  readonly params: Readonly<Record<string, string>>
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array | undefined
  /** What a page has to send along with the cookie to change anything; undefined: the request has no cookie of ours. */
  readonly csrfToken?: string
  /** Of a body of the type application/octet-stream, which may be large. */
  readonly stream: AsyncIterable<Uint8Array> | undefined
  /** More of what changed, for the audit, without secrets: it is recorded with the answer. */
  readonly note: (detail: JsonObject) => void
  /** Records what happens after the answer. */
  readonly record: (detail: JsonObject) => Promise<void>
  /** Decides on the access again, for an event stream: the token may have been revoked, or the pipeline hidden, since it began. */
  readonly stillAllowed: () => Promise<boolean>
  /** Whose request it is by now. */
  readonly again: () => Promise<Principal>
}

/** What the path names, looked up. A handler gets those that its route needs. */
export interface Subject {
  readonly pipeline: Pipeline
  readonly job: Job
  readonly build: ListedBuild
  readonly resource: ListedResource
}

export type Handler<Needs extends keyof Subject = never> = (services: ApiServices, request: ApiRequest, subject: Pick<Subject, Needs>) => Promise<Reply>

/** What a route answers when nothing is wrong. */
export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly schema: z.ZodType }
  | { readonly kind: 'media'; readonly status: number; readonly type: string }
  | { readonly kind: 'empty'; readonly status: number }
  /** A web socket. */
  | { readonly kind: 'upgrade'; readonly status: 101 }

export interface Route {
  /** As Concourse calls it. */
  readonly name: string
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  readonly access: Access
  /** Looked up after the access was decided; what is not there is answered 404. */
  readonly needs: readonly (keyof Subject)[]
  /** Refused when the pipeline is archived. */
  readonly archived: 'allowed' | 'refused'
  readonly bodyLimit: number
  readonly answer: Answer
  /** JSON of a 400; absent: a 400 is a sentence. */
  readonly refusal?: z.ZodType
  /** JSON of a 503; absent: a 503 is a sentence. */
  readonly failing?: z.ZodType
  /** What its body must hold. */
  readonly body?: z.ZodType
  /** What it reads of the query, besides instance vars. */
  readonly query: readonly string[]
  readonly handler: Handler<keyof Subject>
}
