import { z } from 'zod'
import type { Answer, Route } from './request.ts'
import * as shapes from './schemas.ts'
import * as web from './web-schemas.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/** Names of the shapes that routes answer: `buildSchema` is `Build`. */
const components = new Map<unknown, string>(
  Object.entries({ ...shapes, ...web }).map(([name, schema]) => [schema, `${name.charAt(0).toUpperCase()}${name.slice(1).replace(/Schema$/, '')}`]),
)

/** The API as an OpenAPI document, made from the table of routes. */
export function openApiOf(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Airside', version, description: 'The API of Concourse, as fly speaks it.' },
    paths,
    components: {
      schemas: Object.fromEntries([...components].map(([schema, name]) => [name, jsonSchema(schema as z.ZodType)])),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operationOf(route: Route): object {
  const { name, path, method, query, body, answer, access, archived, refusal, failing } = route
  const inPath = [...path.replace(/\*$/, ':path').matchAll(/:(\w+)/g)].map(([, parameter = '']) => ({ name: parameter, in: 'path', required: true, schema: { type: 'string' } }))
  const vars = path.includes(':pipeline_name') ? ['vars'] : []
  const inQuery = [...query, ...vars].map((parameter) => ({ name: parameter, in: 'query', schema: { type: 'string' } }))
  return {
    operationId: name,
    description: accessText(access),
    ...(access.kind !== 'public' && { security: [{ bearer: [] }] }),
    parameters: [...inPath, ...inQuery],
    ...(method !== 'GET' && method !== 'HEAD' && body !== undefined && { requestBody: { content: { 'application/json': { schema: jsonSchema(body) } } } }),
    responses: {
      400: refusal === undefined ? plain('what is wrong with the request, in a sentence') : { description: 'what is wrong with the request', content: { 'text/plain': {}, 'application/json': { schema: reference(refusal) } } },
      401: plain('the request has no token, or one that is not valid'),
      403: plain('the role that is needed is missing'),
      404: { description: 'there is nothing of this name' },
      ...((archived === 'refused' || method !== 'GET') && { 409: plain(archived === 'refused' ? 'the pipeline is archived, or the state of what is changed does not allow it' : 'the state of what is changed does not allow it') }),
      ...(method !== 'GET' && {
        413: plain('the body is too large'),
        415: plain('the body is of another media type'),
        422: plain('what the body names is not there, or cannot be had'),
      }),
      ...(inPath.length > 0 && { 414: plain('a name in the path is too long') }),
      429: plain('more requests than one may send; try again in a moment'),
      503: { description: 'the database does not answer, or the server is about to stop; try again', content: { 'text/plain': {}, ...(failing !== undefined && { 'application/json': { schema: reference(failing) } }) } },
      ...(answer.kind === 'json' && method !== 'GET' && answer.status === 200 && { 201: answered(answer) }),
      [answer.status]: answered(answer),
    },
  }
}

function accessText(access: Route['access']): string {
  switch (access.kind) {
    case 'public':
      return 'For everybody; what is answered depends on who asks.'
    case 'authenticated':
      return 'For everybody who is logged in.'
    case 'any-role':
      return 'For everybody with a role in some team.'
    case 'admin':
      return 'For owners of a team of admins.'
    case 'team':
    case 'build-write':
      return `For the role ${access.role} in the team, and those above it.`
    case 'pipeline':
      return `For the role ${access.role} in the team, and those above it; of a public pipeline for everybody.`
    case 'build-read':
      return `For the role ${access.role} in the team, and those above it; of a public pipeline${access.openIn === 'public-job' ? ' and job' : ''} for everybody.`
  }
}

function answered(answer: Answer): object {
  switch (answer.kind) {
    case 'json':
      return { description: 'the answer', content: { 'application/json': { schema: reference(answer.schema) } } }
    case 'media':
      return { description: 'the answer', content: { [answer.type]: {} } }
    case 'empty':
      return { description: 'done; the answer is empty' }
    case 'upgrade':
      return { description: 'a web socket, with frames of JSON' }
  }
}

const plain = (description: string): object => ({ description, content: { 'text/plain': {} } })

function reference(schema: z.ZodType): JsonSchema {
  const name = components.get(schema)
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` }
  if (schema instanceof z.ZodArray) return { type: 'array', items: reference(schema.element as z.ZodType) }
  return jsonSchema(schema)
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}
