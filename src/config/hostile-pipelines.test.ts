import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../model/json.ts'
import { formatFinding } from './format-finding.ts'
import { parsePipeline } from './parse-pipeline.ts'
import { staticVars } from './vars/lookup.ts'
import { pipelineToJson } from './wire.ts'

const fixtures = new URL('fixtures/', import.meta.url)
const fixture = (name: string): string => readFileSync(new URL(name, fixtures), 'utf8')
const baseTypes = ['git', 'registry-image', 'time']

const remarks = (source: string, options: Partial<Parameters<typeof parsePipeline>[1]> = {}): string[] =>
  parsePipeline(source, { file: 'p.yml', ...options }).findings.map(({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`)

describe('hostile files', () => {
  test('a circle of thousands of jobs is one short finding', () => {
    const count = 1000
    const jobs = Array.from({ length: count }, (_, i) => `- {name: j${i}, plan: [{get: r, passed: [j${(i + 1) % count}]}]}`)
    const [finding, ...others] = remarks(`resources: [{name: r, type: git}]\njobs:\n${jobs.join('\n')}`)
    expect(others).toEqual([])
    expect(finding).toMatch(/circle: (?:`j\d+` → ){8}… → `j\d+`$/)
  })

  test('thousands of mistakes are not all told', () => {
    const { config, findings } = parsePipeline(`jobs:\n${Array.from({ length: 1500 }, (_, i) => `- {nmae: J${i}, plan: [{gte: x${i}}]}`).join('\n')}`, { file: 'p.yml' })
    expect(config).toBeUndefined()
    expect(findings.filter((finding) => finding.severity === 'error')).toHaveLength(1000)
  })

  test('a config is never given when an error fell off the end', () => {
    const warnings = Array.from({ length: 3000 }, (_, i) => `k${i}: 1\n`).join('')
    const { config, findings } = parsePipeline(`${warnings}jobs: [{name: a, x: 1}]`, { file: 'p.yml' })
    expect(config).toBeUndefined()
    expect(findings.at(-1)).toMatchObject({ severity: 'error', line: 3001 })
  })
})

describe('never throws', () => {
  const sane = (source: string): void => {
    const { config, findings, positions } = parsePipeline(source, { file: 'p.yml', baseTypes, vars: staticVars({ a: 'x', l: [1], m: { k: 'v' } }) })
    expect(config === undefined).toBe(findings.some((finding) => finding.severity === 'error'))
    for (const finding of findings) {
      expect(finding.line).toBeGreaterThan(0)
      expect(formatFinding(finding, { source, color: true })).toContain(finding.file)
      expect(positions.at(finding.path).line).toBeGreaterThan(0)
    }
  }

  test('on arbitrary text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), sane), { numRuns: 200 })
  })

  const words = ['jobs', 'resources', 'resource_types', 'name', 'type', 'source', 'plan', 'get', 'put', 'task', 'do', 'in_parallel', 'try', 'across', 'var', 'values', 'passed', 'ensure', 'on_success', 'timeout', 'attempts', 'config', 'run', 'path', 'inputs', 'groups', 'a', '((a))', '((l))', '__proto__', 'version', 'container_limits', 'memory', 'load_var', 'set_pipeline', 'display', 'var_sources']
  const tree = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, depthSize: 'max' },
      fc.constantFrom<Json>(...words, null, true, 0, -1, 1.5, '', '*', '((m))', 'x((l))', '1h', 'never'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(fc.constantFrom(...words), tie('value')), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
    ),
  })).value

  test('on arbitrary values', () => {
    fc.assert(fc.property(tree, (value) => sane(JSON.stringify(value))), { numRuns: 200 })
  })

  test('on a right pipeline with one value replaced', () => {
    const wire = pipelineToJson(parsePipeline(fixture('complete.yml'), { file: 'p.yml' }).config ?? {})
    const places: (readonly (string | number)[])[] = []
    const walk = (value: Json | undefined, keys: readonly (string | number)[]): void => {
      if (keys.length > 0) places.push(keys)
      if (Array.isArray(value)) value.forEach((item, i) => walk(item, [...keys, i]))
      else if (typeof value === 'object' && value !== null) for (const [key, item] of Object.entries(value)) walk(item, [...keys, key])
    }
    walk(wire, [])
    fc.assert(
      fc.property(fc.constantFrom(...places), tree, (keys, replacement) => {
        const copy = structuredClone(wire) as Json
        let at = copy
        for (const key of keys.slice(0, -1)) at = (at as Record<string | number, Json>)[key] ?? null
        ;(at as Record<string | number, Json>)[keys.at(-1) ?? ''] = replacement
        sane(JSON.stringify(copy))
      }),
      { numRuns: 200 },
    )
  })
})
