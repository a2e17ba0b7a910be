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
  images: ['engine/ports.ts', 'images/reference', 'model', 'lib'],
  artifacts: ['engine/ports.ts', 'model', 'lib'],
  db: ['engine/ports.ts', 'model', 'lib'],
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
  checks: ['engine/ports.ts', 'runtime/contract.ts', 'model', 'lib'],
  policy: ['engine/ports.ts', 'model', 'lib'],
  retention: ['engine/leftovers.ts', 'engine/ports.ts', 'runtime/contract.ts', 'artifacts', 'model', 'lib'],
  'engine/leftovers.ts': ['engine/ports.ts', 'runtime/contract.ts', 'model', 'lib'],
  builds: ['engine', 'engine/ports.ts', 'planner', 'config', 'model', 'lib'],
  server: ['model', 'lib'],
  app: ['*'],
  cli: ['*'],
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
    const text = await readFile(join(src, file), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/^(?:import|export)\s[^'"]*?from\s+'(\.[^']+)'/gm)) {
      const target = relative(src, resolve(src, dirname(file), specifier))
      const wanted = placeOf(target)
      const allowed = table[place] ?? []
      const fine = wanted === place || allowed.includes('*') || (wanted !== undefined && allowed.includes(wanted))
      if (!fine) violations.push(`${file} imports ${target}`)
    }
  }
  expect(violations).toEqual([])
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
