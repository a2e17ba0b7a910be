import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const src = join(import.meta.dirname, '..')

/** What of zod takes as much as it is given: strings, arrays, records and the like have bounds in bounded.ts alone. */
const unbounded = /\bz\s*\.\s*(?:coerce\s*\.\s*)?(?:string|array|record|partialRecord|map|set|tuple|looseObject|looseRecord|base64|base64url|url|email|hex|hash|json|jwt|templateLiteral|stringFormat)\s*\(|\.(?:array|catchall|passthrough|loose|rest)\s*\(\s*(?:z\b|\))/g

/** Describe what Airside itself answers, for clients and the API's document; no code of the server parses with them (tested below). */
const ofOwnAnswers = [join('api', 'schemas.ts'), join('api', 'web-schemas.ts'), join('api', 'health-schema.ts')]

/** A list of one of our own answers is one, too. The client reads answers with bounds that src/client/tolerant.ts adds. */
const withoutLists = (text: string): string => (/from '(?:\.\.?\/)+(?:api\/)?(?:web-)?schemas\.ts'/.test(text) ? text.replaceAll(/\b\w+Schema\.array\(\)/g, '') : text)

async function sourcesWithZod(): Promise<{ readonly file: string; readonly text: string }[]> {
  const names = (await readdir(src, { recursive: true })).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const all = await Promise.all(names.map(async (file) => ({ file, text: await readFile(join(src, file), 'utf8') })))
  return all.filter(({ file, text }) => file !== join('lib', 'bounded.ts') && /from 'zod/.test(text))
}

test('every schema bounds its strings, arrays and records', async () => {
  const sources = await sourcesWithZod()
  expect(sources.length).toBeGreaterThan(10)
  const outside = sources.filter(({ file }) => !ofOwnAnswers.includes(file)).map(({ file, text }) => ({ file, text: withoutLists(text) }))
  const found = outside.flatMap(({ file, text }) => [...text.matchAll(unbounded)].map((match) => `${file}: ${match[0]} takes as much as it is given: use boundedString, boundedArray or boundedRecord`))
  expect(found).toEqual([])
})

test('schemas of the API’s own answers parse nothing', async () => {
  const names = (await readdir(src, { recursive: true })).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const parsing: string[] = []
  for (const name of names) {
    const text = await readFile(join(src, name), 'utf8')
    if (/from '[^']*api\/(?:(?:web-)?schemas|health-schema)\.ts'|from '\.\.?\/(?:(?:web-)?schemas|health-schema)\.ts'/.test(text) && /[sS]chema\s*\.\s*(?:parse|safeParse)/.test(text)) parsing.push(name)
  }
  expect(parsing).toEqual([])
})

test('zod is imported under its own name alone, so that the test above sees all of it', async () => {
  const found = (await sourcesWithZod()).filter(({ text }) => !/^import (?:type )?\{ z \} from 'zod'$/m.test(text) || text.match(/from 'zod/g)?.length !== 1).map(({ file }) => file)
  expect(found).toEqual([])
})

test.each(['z.array(', 'z.string()', 'z\n  .record(', 'z.coerce.string(', 'x.array()', 'z.object({}).catchall(z.unknown())', 'z.looseObject('])('%j is seen', (text) => {
  expect(text.match(unbounded)).not.toBeNull()
})
