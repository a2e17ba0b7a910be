import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const src = join(root, 'src')

/**
 * ARCHITECTURE.md's table: a place in src → the places that it may import, besides itself. The longest name that fits a file counts.
 * Tests, testing helpers and conformance suites may reach further: they bring real things together.
 */
const table: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  model: ['lib'],
  config: ['model', 'lib'],
  'images/reference': ['model', 'lib'],
  planner: ['config', 'images/reference', 'model', 'lib'],
  credentials: ['engine/ports.ts', 'config', 'model', 'lib'],
  'scheduler/algorithm': ['config', 'images/reference', 'planner', 'model', 'lib'],
  images: ['engine/ports.ts', 'images/reference', 'model', 'lib'],
  artifacts: ['engine/ports.ts', 'model', 'lib'],
  'test-reports': ['artifacts', 'builds', 'model', 'lib'],
  db: ['retention/ports.ts', 'engine/ports.ts', 'auth/ports.ts', 'pipelines/ports.ts', 'api/ports.ts', 'api/web-ports.ts', 'scheduler/ports.ts', 'checks/ports.ts', 'checks/merge.ts', 'model', 'lib'],
  'runtime/contract.ts': ['model', 'lib'],
  'steps/ports.ts': ['model', 'lib'],
  steps: ['steps/ports.ts', 'images/reference', 'model', 'lib'],
  'runtime/fake': ['runtime/contract.ts', 'images/reference', 'model', 'lib'],
  'runtime/docker': ['runtime/contract.ts', 'images/reference', 'model', 'lib'],
  'runtime/kubernetes': ['runtime/contract.ts', 'images/reference', 'model', 'lib'],
  'runtime/conformance': ['runtime/contract.ts', 'artifacts', 'model', 'lib'],
  supervision: ['runtime/contract.ts', 'artifacts', 'model', 'lib'],
  'engine/ports.ts': ['runtime/contract.ts', 'model', 'lib'],
  engine: ['engine/ports.ts', 'engine/leftovers.ts', 'steps', 'steps/ports.ts', 'planner', 'config', 'runtime/contract.ts', 'model', 'lib'],
  intercept: ['runtime/contract.ts', 'model', 'lib'],
  'checks/ports.ts': ['model', 'lib'],
  'checks/merge.ts': ['model', 'lib'],
  checks: ['checks/ports.ts', 'checks/merge.ts', 'engine', 'engine/ports.ts', 'pipelines', 'planner', 'config', 'images/reference', 'runtime/contract.ts', 'model', 'lib'],
  policy: ['engine/ports.ts', 'model', 'lib'],
  'retention/ports.ts': ['model', 'lib'],
  retention: ['retention/ports.ts', 'engine/leftovers.ts', 'engine/ports.ts', 'runtime/contract.ts', 'artifacts', 'model', 'lib'],
  'engine/leftovers.ts': ['engine/ports.ts', 'runtime/contract.ts', 'model', 'lib'],
  builds: ['engine', 'engine/ports.ts', 'planner', 'config', 'model', 'lib'],
  'auth/ports.ts': ['model', 'lib'],
  auth: ['auth/ports.ts', 'model', 'lib'],
  'pipelines/ports.ts': ['model', 'lib'],
  pipelines: ['pipelines/ports.ts', 'config', 'model', 'lib'],
  'scheduler/ports.ts': ['scheduler/algorithm', 'model', 'lib'],
  scheduler: ['scheduler/ports.ts', 'scheduler/algorithm', 'builds', 'pipelines', 'pipelines/ports.ts', 'engine', 'planner', 'config', 'model', 'lib'],
  'api/container-ports.ts': ['model', 'lib'],
  'api/web-ports.ts': ['planner', 'model', 'lib'],
  'api/ports.ts': ['api/container-ports.ts', 'auth/ports.ts', 'pipelines/ports.ts', 'engine/ports.ts', 'model', 'lib'],
  api: ['api/ports.ts', 'api/web-ports.ts', 'api/container-ports.ts', 'api/schemas.ts', 'api/web-schemas.ts', 'api/hijack-schemas.ts', 'auth', 'auth/ports.ts', 'pipelines', 'pipelines/ports.ts', 'engine/ports.ts', 'planner', 'config', 'model', 'lib'],
  'api/schemas.ts': ['model', 'lib'],
  'api/web-schemas.ts': ['api/schemas.ts', 'model', 'lib'],
  'api/hijack-schemas.ts': ['lib'],
  client: ['api/schemas.ts', 'api/web-schemas.ts', 'api/hijack-schemas.ts', 'model', 'lib'],
  server: ['model', 'lib'],
  telemetry: ['model', 'lib'],
  cli: ['app', 'client', 'builds', 'server', 'telemetry', 'intercept', 'retention', 'config', 'planner', 'images', 'images/reference', 'runtime/contract.ts', 'model', 'lib'],
  app: ['*'],
}

const exempt = /\.test\.ts$|\/testing\/|\/conformance\/|^db\/conformance/

function placeOf(file: string): string | undefined {
  return Object.keys(table)
    .filter((place) => file === place || file.startsWith(`${place}/`))
    .toSorted((a, b) => b.length - a.length)[0]
}

async function sources(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts')).map((entry) => relative(src, join(entry.parentPath, entry.name)))
}

test('every folder of src has a row, and imports only what its row allows', async () => {
  const violations: string[] = []
  for (const file of await sources(src)) {
    const place = placeOf(file)
    if (place === undefined) {
      violations.push(`${file}: its folder has no row in the table`)
      continue
    }
    if (exempt.test(file)) continue
    for (const target of await importsOf(file)) {
      const wanted = placeOf(target)
      const allowed = table[place] ?? []
      const fine = wanted === place || allowed.includes('*') || (wanted !== undefined && allowed.includes(wanted))
      if (!fine) violations.push(`${file} imports ${target}`)
    }
  }
  expect(violations).toEqual([])
})

/** Relative imports of a file, types and imports at run time too, as paths from src. */
async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(join(src, file), 'utf8')
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, specifier = '']) => relative(src, resolve(src, dirname(file), specifier)))
}

/** One circle of each group of files that import each other in circles: `a → b → a`. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) circles.push([...path.slice(start), file].join(' → '))
    if (start >= 0 || done.has(file)) return
    for (const imported of graph.get(file) ?? []) visit(imported, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return circles
}

test('no files import each other in a circle', async () => {
  const graph = new Map(await Promise.all((await sources(src)).map(async (file) => [file, await importsOf(file)] as const)))
  expect(graph.get('cli/main.ts')).toContain('cli/terminal.ts')
  expect(circlesOf(graph)).toEqual([])
})

test('a circle is found through any number of files, and once', () => {
  expect(circlesOf(new Map([['a', ['b', 'd']], ['b', ['c']], ['c', ['a']], ['d', ['d']], ['e', ['a']]]))).toEqual(['a → b → c → a', 'd → d'])
})

/** The same for web/src: a folder → the folders that it may import. Of src it takes types alone. */
const webTable: Readonly<Record<string, readonly string[]>> = {
  routes: [],
  log: [],
  graph: [],
  search: [],
  timeline: [],
  api: ['log'],
  parts: ['routes'],
  store: ['api', 'routes', 'search', 'log', 'graph', 'timeline'],
  shell: ['store', 'api', 'parts', 'routes', 'search', 'pages/registry.ts'],
  'pages/registry.ts': ['routes', 'pages'],
  pages: ['pages/registry.ts', 'shell', 'store', 'api', 'parts', 'routes', 'search', 'log', 'graph', 'timeline'],
  style: [],
  terminal: ['api'],
  'main.tsx': ['shell', 'store', 'style'],
}
/** What computes in these folders is .ts and knows no component; components beside it are .tsx, and may use parts. */
const webPure = ['routes', 'log', 'graph', 'search', 'timeline']

test('files of web/src import only what their folder may, and of src types alone', async () => {
  const web = join(root, 'web', 'src')
  const entries = await readdir(web, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name)).map((entry) => relative(web, join(entry.parentPath, entry.name)))
  const place = (file: string) => Object.keys(webTable).filter((one) => file === one || file.startsWith(`${one}/`)).toSorted((a, b) => b.length - a.length)[0]
  const violations: string[] = []
  for (const file of files) {
    const from = place(file)
    if (from === undefined) {
      violations.push(`${file}: its folder has no row in the table`)
      continue
    }
    const component = file.endsWith('.tsx')
    const allowed = [from, ...(webTable[from] ?? []), ...(webPure.includes(from) && component ? ['parts', ...webPure] : [])]
    for (const [, type, specifier = ''] of (await readFile(join(web, file), 'utf8')).matchAll(/^(?:import|export)( type)?[^'\n]*(?:from )?'([^']+)'/gm)) {
      if (!specifier.startsWith('.')) {
        if (/preact/.test(specifier) && webPure.includes(from) && !component) violations.push(`${file} imports ${specifier}`)
        continue
      }
      const target = relative(web, resolve(web, dirname(file), specifier))
      const to = place(target)
      if (target.startsWith('..')) {
        if (type === undefined) violations.push(`${file} imports ${target}, not as a type`)
      } else if (!specifier.endsWith('.css') && (to === undefined || !allowed.includes(to))) violations.push(`${file} imports ${target}`)
    }
  }
  expect(files).toContain('main.tsx')
  expect(violations).toEqual([])
})

test('no source or test file has more than 300 lines', async () => {
  const entries = await Promise.all(['src', 'web', 'test', 'bench', 'scripts', 'supervisor', 'bin'].map((folder) => readdir(join(root, folder), { recursive: true, withFileTypes: true })))
  const files = entries.flat().filter((entry) => entry.isFile() && /\.(?:tsx?|mjs|js|go|css|sql)$/.test(entry.name)).map((entry) => relative(root, join(entry.parentPath, entry.name))).filter((file) => !/(?:^|\/)node_modules\/|^web\/dist\//.test(file))
  const lines = await Promise.all(files.map(async (file) => ({ file, lines: (await readFile(join(root, file), 'utf8')).trimEnd().split('\n').length })))
  expect(files).toEqual(expect.arrayContaining(['src/cli/main.ts', 'web/src/main.tsx', 'test/architecture.test.ts', 'scripts/test.mjs', 'supervisor/main.go']))
  expect(lines.filter((file) => file.lines > 300)).toEqual([])
})

test('only cli and bench import app', async () => {
  const importers: string[] = []
  for (const file of await sources(src)) {
    if (file.startsWith('app/') || file.startsWith('cli/')) continue
    if (/from '(?:\.\.?\/)+app\//.test(await readFile(join(src, file), 'utf8'))) importers.push(file)
  }
  expect(importers).toEqual([])
})

/** `intercept` hands a step's terminal through, and names its streams without writing to them. */
test('commands do not load the client of Kubernetes unless they speak to a cluster', async () => {
  const reached = new Set(['cli/main.ts', 'cli/commands/all.ts', 'app/open-app.ts'])
  const packages = new Map<string, string>()
  for (const file of reached) {
    // Without those of types alone, and those at run time.
    for (const [, specifier = ''] of (await readFile(join(src, file), 'utf8')).matchAll(/^(?:import|export)\s+(?!type\b)(?:[^']*?\sfrom\s+)?'([^']+)'/gm)) {
      if (specifier.startsWith('.')) reached.add(relative(src, resolve(src, dirname(file), specifier)))
      else packages.set(specifier, file)
    }
  }
  expect([...packages.keys()]).toContain('undici')
  // Loading its 870 files takes half a second, of each `airside run`.
  expect(packages.get('@kubernetes/client-node')).toBeUndefined()
})

test('only cli/terminal.ts writes to the terminal, so that no line gets around the redactor', async () => {
  const writers: string[] = []
  for (const file of await sources(src)) {
    if (exempt.test(file) || file === 'cli/terminal.ts') continue
    if (/process\.std(?:out|err)\.write|\bconsole\.|pino\(\{[^}]*\}\)|\bwriteSync\([12],/.test(await readFile(join(src, file), 'utf8'))) writers.push(file)
  }
  expect(writers).toEqual([])
})

test('the clone asks for no particular registry: the lock file names none', async () => {
  expect(await readFile(join(root, '.npmrc'), 'utf8')).toMatch(/^omit-lockfile-registry-resolved=true$/m)
  expect(await readFile(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved": "http')
  const host = ['registry', 'npmjs', 'org'].join('.')
  // git grep: 0 found something, 1 nothing, more is an error.
  const found = spawnSync('git', ['grep', '-lI', host], { cwd: root, encoding: 'utf8' })
  expect({ status: found.status, files: found.stdout }).toEqual({ status: 1, files: '' })
})

test('migrations have numbers from 1 on, each once: two changes that were made side by side may both have taken the next one', async () => {
  const numbers = (await readdir(join(src, 'db/migrations'))).toSorted().map((file) => Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(file)?.[1]))
  expect(numbers).toEqual(numbers.map((_number, index) => index + 1))
})

test('ARCHITECTURE.md says of each table of the database what keeps it small', async () => {
  const folder = join(src, 'db/migrations')
  const sql = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')))
  const dropped = sql.flatMap((text) => [...text.matchAll(/^drop table (\w+)/gim)].map(([, name]) => name))
  const tables = sql.flatMap((text) => [...text.matchAll(/^create table (\w+)/gim)].map(([, name]) => name)).filter((name) => !dropped.includes(name))
  const [, section = ''] = /\n## What keeps each table small\n([\s\S]*?)\n## /.exec(await readFile(join(root, 'ARCHITECTURE.md'), 'utf8')) ?? []
  const named = [...section.matchAll(/^\| ([\w, ]+) \|/gm)].flatMap(([, names = '']) => names.split(', ')).filter((name) => name !== 'tables')
  expect(named.toSorted()).toEqual(tables.toSorted())
})
