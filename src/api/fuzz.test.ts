import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Route } from './request.ts'
import { arbitraryOf, oddText, type JsonSchema } from './testing/arbitrary-json.ts'
import { useApi } from './testing/database-world.ts'

/* Asks by docs/openapi.json, with what is there, what is not, and what nobody should send. `npm run fuzz` has schemathesis do the same to a running server. */

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: 'path' | 'query' }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: JsonSchema }>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>
}
interface Asked {
  readonly method: Route['method']
  readonly url: string
  readonly payload: string
  readonly type: string
}

const { paths } = JSON.parse(await readFile(join(import.meta.dirname, '..', '..', 'docs', 'openapi.json'), 'utf8')) as { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }
/** Always the same requests, unless more are wanted: AIRSIDE_FUZZ says how many for each operation. */
const runs = Number(process.env['AIRSIDE_FUZZ'] ?? 8)
const seed = process.env['AIRSIDE_FUZZ'] === undefined ? 1 : Date.now()
const known: Readonly<Record<string, readonly string[]>> = {
  team_name: ['main'], pipeline_name: ['p'], job_name: ['j'], resource_name: ['r'], build_id: ['1', '2'], build_name: ['1', '2'], resource_config_version_id: ['1'], token_id: ['1'], step_name: ['t'], worker_name: ['w'], artifact_id: ['1'],
}
const yaml = 'resources: [{name: r, type: time, source: {}}]\njobs: [{name: j, plan: [{get: r}, {task: t, config: {platform: linux, run: {path: "true"}}}]}]'
/** After them there is less to ask for. */
const ending = /^(?:Destroy|Delete|Rename|Archive|SetTeam|RevokeToken)/
/** A stream of a build that does not end. */
const endless = new Set(['BuildEvents'])

const operations = Object.entries(paths)
  .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase() as Route['method'], operation })))
  .filter(({ operation }) => !endless.has(operation.operationId))
  .toSorted((a, b) => Number(ending.test(a.operation.operationId)) - Number(ending.test(b.operation.operationId)))

function asked({ path, method, operation }: (typeof operations)[number]): fc.Arbitrary<Asked> {
  const text = (name: string) => fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...(known[name] ?? ['1'])) }, { weight: 1, arbitrary: oddText })
  const values = (where: 'path' | 'query') => Object.fromEntries(operation.parameters.filter((parameter) => parameter.in === where).map(({ name }) => [name, text(name)]))
  const schema = Object.values(operation.requestBody?.content ?? {})[0]?.schema
  const json = fc.oneof(schema === undefined ? fc.jsonValue() : arbitraryOf(schema)).map((value) => JSON.stringify(value))
  const payload = fc.oneof({ weight: 5, arbitrary: json }, { weight: 1, arbitrary: oddText }, { weight: operation.operationId.endsWith('Config') ? 5 : 1, arbitrary: fc.constant(yaml) })
  const type = fc.constantFrom('application/json', 'application/x-yaml', 'application/octet-stream', 'text/plain')
  return fc.record({ inPath: fc.record(values('path')), inQuery: fc.record(values('query'), { requiredKeys: [] }), payload, type }).map(({ inPath, inQuery, ...rest }) => {
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((inPath[name] ?? '').toWellFormed()))
    const query = new URLSearchParams(inQuery as Record<string, string>).toString()
    return { ...rest, method, url: query === '' ? url : `${url}?${query}` }
  })
}

const world = useApi()

test('no request makes the API answer 500, or what its document does not say', async () => {
  const { call, setPipeline } = world()
  await setPipeline(yaml)
  for (let build = 0; build < 2; build++) await call('POST', '/api/v1/teams/main/pipelines/p/jobs/j/builds')
  const faults = new Map<string, string>()
  for (const operation of operations) {
    const { operationId, responses } = operation.operation
    for (const { method, url, payload, type } of fc.sample(asked(operation), { numRuns: runs, seed })) {
      const answer = await call(method, url, method === 'GET' ? undefined : payload, { headers: method === 'GET' ? {} : { 'content-type': type } })
      const said = responses[answer.statusCode]
      const is = answer.headers['content-type']?.split(';')[0]
      const fits = said !== undefined && (is === undefined || said.content === undefined || Object.keys(said.content).some((one) => one.split(';')[0] === is))
      // A name that is not there in the path's pattern is no route at all.
      if (!fits && answer.statusCode !== 404) faults.set(`${operationId} ${answer.statusCode} ${is ?? ''}`, `${method} ${url.slice(0, 200)} (${type}) ${payload.slice(0, 200)} → ${answer.payload.slice(0, 200)}`)
    }
  }
  expect(Object.fromEntries(faults)).toEqual({})
})
