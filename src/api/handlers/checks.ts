import { createHash, timingSafeEqual } from 'node:crypto'
import { interpolate } from '../../config/vars/interpolate.ts'
import { withVars } from '../../config/vars/with-vars.ts'
import type { PipelineConfig } from '../../model/config.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { Version } from '../../model/version.ts'
import { bodyOf, checkBody } from '../bodies.ts'
import type { CheckToCreate } from '../../model/requested-build.ts'
import { empty, jsonOf, notFound, text, type Reply } from '../reply.ts'
import type { ApiRequest, ApiServices, Handler } from '../request.ts'
import { buildSchema } from '../schemas.ts'
import { shown } from './builds.ts'
import { nameOf } from './pipelines.ts'

/** From the version that is given, else from the one that the resource is pinned to, else from the latest. */
export const checkResource: Handler<'pipeline' | 'resource'> = (services, request, { pipeline, resource }) =>
  created(services, request, { pipeline, what: { kind: 'resource', name: resource.name }, pinned: resource.pin?.version })

export const checkType =
  (kind: 'resource-type' | 'prototype'): Handler<'pipeline'> =>
  (services, request, { pipeline }) =>
    created(services, request, { pipeline, what: { kind, name: request.params[kind === 'prototype' ? 'prototype_name' : 'resource_type_name'] ?? '' }, pinned: undefined })

interface Wanted {
  readonly pipeline: Pipeline
  readonly what: CheckToCreate['what']
  readonly pinned: Version | undefined
}

async function created({ configs, createCheck, lists }: ApiServices, request: ApiRequest, { pipeline, what, pinned }: Wanted): Promise<Reply> {
  const body = bodyOf(request, checkBody)
  if (!body.ok) return body.error
  const config = await configs.of(pipeline)
  if (config === undefined) return notFound
  const from = body.value.from ?? pinned
  const id = await createCheck({
    scope: { teamId: pipeline.teamId, pipelineId: pipeline.id },
    config,
    what,
    ...(from && { from }),
    shallow: body.value.shallow ?? false,
    createdBy: nameOf(request.principal),
  })
  const build = id === undefined ? undefined : await lists.get(id)
  return build === undefined ? notFound : jsonOf(buildSchema, shown(request.principal, build), { status: 201 })
}

/**
 * Whoever has the resource's token may have it checked, without a login. The check is the next one of the resource, begun at once; where one waits already,
 * it is that one, so that a hundred webhooks are one check.
 */
export const checkByWebhook: Handler<'pipeline' | 'resource'> = async (services, { query }, { pipeline, resource }) => {
  const given = query.get('webhook_token') ?? ''
  if (given === '') return text(400, 'webhook_token is missing: add ?webhook_token=… to the address')
  const config = await services.configs.of(pipeline)
  const written = config?.resources?.find(({ name }) => name === resource.name)?.webhook_token
  if (config === undefined || written === undefined || written === '') return empty(401)
  const token = await filledIn(services, pipeline, config, written)
  // Whoever asks is nobody: which vars are missing is not said.
  if (token === undefined) return text(500, 'the webhook_token of this resource cannot be filled in: look at its vars')
  if (token === '' || !equal(token, given)) return empty(401)
  if (!services.webhookRate.take(String(resource.id))) return text(429, 'more than ten webhooks of this resource a second; it is checked')
  await services.wantCheck(resource.id, services.clock.now())
  return empty(201)
}

async function filledIn({ credentials }: ApiServices, { team, name, instanceVars }: Pipeline, { var_sources = [] }: PipelineConfig, token: string): Promise<string | undefined> {
  const vars = credentials.varsOf({ team, pipeline: name, ...(instanceVars && { instanceVars }) }, var_sources)
  const filled = await withVars(vars, (lookup) => interpolate(token, lookup))
  return filled.ok ? String(filled.value.value) : undefined
}

/** In a time that says nothing about where they differ. */
const equal = (a: string, b: string): boolean => timingSafeEqual(hash(a), hash(b))
const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
