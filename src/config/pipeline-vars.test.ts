import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parsePipeline } from './parse-pipeline.ts'
import { staticVars } from './vars/lookup.ts'

const remarks = (source: string, options: Partial<Parameters<typeof parsePipeline>[1]> = {}): string[] =>
  parsePipeline(source, { file: 'p.yml', ...options }).findings.map(({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`)

describe('vars', () => {
  const source = readFileSync(new URL('fixtures/vars.yml', import.meta.url), 'utf8')
  const given = {
    name: 'repo', source: { uri: 'x' }, often: '5m', serial: true, many: 2, long: '1h', privileged: false, any: { deep: [1] },
    key: 'KEY', path: 'sh', x: '5', memory: '1GB', cpu: 2,
  }

  test('are filled in before anything is looked at, with their types', () => {
    const { config, findings } = parsePipeline(source, { file: 'p.yml', vars: staticVars(given) })
    expect(findings).toEqual([])
    expect(config?.resources).toEqual([{ name: 'repo', type: 'git', source: { uri: 'x' }, check_every: '5m' }])
    expect(config?.jobs?.[0]).toMatchObject({
      serial: true,
      max_in_flight: 2,
      plan: [
        { get: 'repo' },
        { params: { ANY: { deep: [1] }, KEY: '((a:"b.c".d))' }, config: { run: { path: 'sh', args: ['--x=5'] }, container_limits: { memory: 1024 ** 3, cpu: 2 } } },
      ],
    })
  })

  test('of the wrong type are told at their place, without their value', () => {
    const wrong = parsePipeline(source, { file: 'p.yml', vars: staticVars({ ...given, serial: 's3cr3t', memory: 's3cr3t', name: ['s3cr3t'] }) })
    expect(wrong.findings.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '2 this must be text, not a list (from `((name))`)',
      '8 this must be `true` or `false`, not text (from `((serial))`)',
      '11 this must be text, not a list (from `((name))`)',
      '19 `((memory))` is no amount of memory',
    ])
    expect(JSON.stringify(wrong.findings)).not.toContain('s3cr3t')
  })

  test('a number from a var is text where text is needed', () => {
    const text = 'jobs: [{name: a, plan: [{task: t, config: {platform: linux, run: {path: sh, args: [((n))]}}}]}]'
    const { config, findings } = parsePipeline(text, { file: 'p.yml', vars: staticVars({ n: 8080 }) })
    expect(findings).toEqual([])
    expect(config?.jobs?.[0]?.plan[0]).toMatchObject({ config: { run: { args: ['8080'] } } })
  })

  test('that cannot be filled in are told at their place', () => {
    const { findings } = parsePipeline('jobs:\n- name: x-((list))\n- name: a\n  old_name: ((map.nope))', { file: 'p.yml', vars: staticVars({ list: [], map: {} }) })
    expect(findings.filter((finding) => finding.kind === 'invalid-var').map(({ line, message }) => `${line} ${message}`)).toEqual([
      '2 cannot put a list into the middle of a text, from var: list',
      "4 missing field 'nope' in var: map.nope",
    ])
  })

  test('two keys that become one are a mistake', () => {
    expect(remarks('x: {"((a))": 1, b: 2}\njobs: [{name: a}]', { vars: staticVars({ a: 'b' }) })).toContain(
      'error 1:17 with its vars filled in, the key `b` stands twice in this map',
    )
  })

  test('that stand for too much are refused', () => {
    const big = Array.from({ length: 10_000 }, (_, i) => `item ${i}`)
    const lists = `x-lists:\n${'- ((big))\n'.repeat(1000)}jobs: [{name: a}]`
    expect(remarks(lists, { vars: staticVars({ big }) })).toEqual(['error 1:1 its vars stand for more than this program is willing to write out'])
  })

  test('from a secret source are named for the log', () => {
    const { secrets } = parsePipeline('x: ((a))-((b))\njobs: [{name: a}]', { file: 'p.yml', vars: staticVars({ a: 'one', b: 'two' }, { secret: true }) })
    expect([...secrets]).toEqual(['one', 'two'])
  })
})
