import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { concourseVersion } from './handlers/general.ts'
import { openApiOf } from './openapi.ts'
import { routes } from './routes.ts'
import { useApi } from './testing/database-world.ts'

const world = useApi()
const file = join(import.meta.dirname, '..', '..', 'docs', 'openapi.json')

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

test('the document that is checked in describes the routes as they are (UPDATE_GOLDENS=1 writes it)', async () => {
  const made = `${JSON.stringify(openApiOf(routes, concourseVersion), undefined, 1)}\n`
  if (process.env['UPDATE_GOLDENS'] === '1') await writeFile(file, made)
  expect(await readFile(file, 'utf8')).toBe(made)
})

test('the document is served to everybody, and has each route once', async () => {
  const served = await world().call('GET', '/api/v1/openapi.json', undefined, { as: 'nobody' })
  const { paths, components } = served.json<Document>()
  const operations = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId))
  expect(operations.toSorted()).toEqual(routes.map(({ name }) => name).toSorted())
  for (const [, name = ''] of served.payload.matchAll(/#\/components\/schemas\/(\w+)/g)) expect(components.schemas).toHaveProperty(name)
})
