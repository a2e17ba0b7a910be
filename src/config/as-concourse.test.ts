import { describe, expect, test } from 'vitest'
import { parsePipeline } from './parse-pipeline.ts'
import { parseTask } from './parse-task.ts'
import { pipelineToJson } from './wire.ts'
import { paramsEnv } from '../steps/env.ts'

const job = (step: string, top = ''): string => `${top}\njobs:\n- name: build\n  plan:\n  - ${step}\n`
const errors = (source: string): string[] => parsePipeline(source, { file: 'p.yml' }).findings.flatMap(({ severity, message }) => (severity === 'error' ? [message] : []))
const task = 'task: t, file: a/b.yml'

describe('capital letters in keys', () => {
  test('are read as Go reads JSON', () => {
    const source = 'Resources: [{Name: r, TYPE: git, Source: {Uri: x}}]\nJobs: [{NAME: a, Plan: [{get: r}, {task: t, config: {platform: linux, run: {Path: make, Args: [x]}, container_limits: {CPU: 2}, inputs: [{Name: r}]}}]}]'
    const { config, findings } = parsePipeline(source, { file: 'p.yml' })
    expect(findings).toEqual([])
    expect(config && pipelineToJson(config)).toMatchObject({
      resources: [{ name: 'r', type: 'git', source: { Uri: 'x' } }],
      jobs: [{ name: 'a', plan: [{ get: 'r' }, { config: { run: { path: 'make', args: ['x'] }, container_limits: { cpu: 2 }, inputs: [{ name: 'r' }] } }] }],
    })
  })

  test('make two keys of one: the one in small letters counts', () => {
    const { config, findings } = parsePipeline(job('{get: a}', 'resources: [{Name: b, name: a, type: git}]'), { file: 'p.yml' })
    expect(config?.resources).toMatchObject([{ name: 'a' }])
    expect(findings).toMatchObject([{ severity: 'warning', column: 14, message: '`Name` and `name` are one key; `name` counts' }])
  })

  test.each(['{Task: t, file: a/b.yml}', '{task: t, File: a/b.yml}', '{task: t, config: {Platform: linux}}', '{task: t, config: {platform: linux, Run: {path: x}}}'])('%s is refused: Concourse checks these itself', (step) => {
    expect(errors(job(step))).not.toEqual([])
  })
})

describe('params', () => {
  const env = (params: string): unknown => paramsEnv(parseTask(`platform: linux\nparams: ${params}`, { file: 't.yml' }).config?.params)

  test('keep all digits of whole numbers', () => {
    expect(env('{A: 1234567890123456789, B: {c: [18446744073709551615]}, C: -1234567890123456789}')).toEqual([
      'A=1234567890123456789',
      'B={"c":[18446744073709551615]}',
      'C=-1234567890123456789',
    ])
  })

  test('are JSON as Go writes it', () => {
    expect(env('{A: {b: "<&>", a: "\\u2028"}, B: "<&>"}')).toEqual([
      String.raw`A={"a":"\u2028","b":"\u003c\u0026\u003e"}`,
      'B=<&>',
    ])
  })

  test('elsewhere a number that loses digits is told', () => {
    const source = job(`{get: r, params: {a: 12345678901234567890}}`, 'resources: [{name: r, type: git}]')
    expect(parsePipeline(source, { file: 'p.yml' }).findings).toMatchObject([
      { severity: 'warning', message: '`12345678901234567890` is too large a number to be kept exactly: it becomes 12345678901234567000' },
    ])
  })
})

describe('what is accepted', () => {
  test.each([
    job('do:'),
    job('{do: []}'),
    job('{try: {do: }}'),
    job('{load_var: v, file: a/b, format: ""}'),
    job(`{${task}, timeout: }`),
    job(`{${task}}`, 'sources: {a: b}'),
    job(`{${task}}`, 'resource_tags: [a]'),
    job(`{${task}}`, 'display: {background_image: "a b.png"}'),
    job(`{${task}}`, 'var_sources: [{name: v, type: vault, config: {URL: "http://x", auth_backend: approle, auth_params: {role_id: a}, login_timeout: 5s}}]'),
    job(`{${task}}`, 'var_sources: [{name: v, type: vault, config: {url: "http://((host))", client_token: ((t)), lookup_templates: ["/{{.Team}}/{{.Secret}}"]}}]'),
    job(`{${task}}`, 'var_sources: [{name: v, type: dummy, config: {vars: {}, other: x}}]'),
    job(`{${task}}`, 'var_sources: [{name: v, type: ssm}, {name: w, type: secretsmanager, config: {region: x, access_key: a, secret_key: b}}]'),
    job(`{${task}}`, 'var_sources: [{name: v, type: idtoken, config: {audience: [a], expires_in: 24h, subject_scope: team, algorithm: ES256}}]'),
    job(`{${task}}`, 'groups: [{name: all, jobs: ["[!a]uild"]}]'),
  ])('%s', (source) => {
    expect(errors(source)).toEqual([])
  })

  test('a section that nobody knows is a warning, however near its name is', () => {
    expect(parsePipeline(job(`{${task}}`, 'sources: [a]'), { file: 'p.yml' }).findings).toMatchObject([
      { severity: 'warning', message: 'a pipeline has no section `sources`; it is ignored', hint: 'did you mean `resources`?' },
    ])
  })
})

describe('what is refused', () => {
  const source = (config: string, type = 'vault'): string => job(`{${task}}`, `var_sources: [{name: v, type: ${type}, config: ${config}}]`)

  test.each([
    [job('{get: r}', 'resources: [{name: r, type: git, check_every: 0}]'), 'this must be a duration or `never`, as text, not the number `0`'],
    [job('{do: [], timeout: }'), '`timeout` has no value'],
    [job(`{set_pipeline: p, file: a/b, timeout: }`), '`timeout` has no value'],
    [job(`{${task}, across: }`), '`across` has no value'],
    [job(`{${task}, across: []}`), '`across` has no vars'],
    [job('in_parallel:'), '`in_parallel` has no value'],
    [job(`{${task}}`, 'display: {background_image: "%zz.png"}'), '`%zz.png` is no valid URL'],
    [job(`{${task}}`, 'display: {background_image: "http://x:port/"}'), '`http://x:port/` is no valid URL'],
    [job(`{${task}}`, 'display: {background_image: "1a:b"}'), '`1a:b` is no valid URL'],
    [source('{client_token: x}'), 'a vault var source needs `url`, an http or https URL with a host'],
    [source('{url: "http://x", client_token: x, path: /a}'), 'the config of this var source has no key `path`'],
    [source('{url: "http://x", client_token: 5}'), '`client_token` must be text'],
    [source('{url: "http://x", client_token: x, path_prefix: ""}'), '`path_prefix` cannot be empty'],
    [source('{url: "http://x", client_token: x, lookup_templates: ["/{{.Foo}}"]}'), 'the template `/{{.Foo}}` is not well formed'],
    [source('{url: "http://x", client_token: x, insecure_skip_verify: "true"}'), '`insecure_skip_verify` must be `true` or `false`'],
    [source('{url: "http://x", client_token: x, query_timeout: soon}'), '`query_timeout` must be a duration, e.g. `30s`'],
    [source('{url: "http://x", client_token: x, auth_params: {a: 1}}'), '`auth_params` must be a map of texts'],
    [source('{}', 'dummy'), 'a dummy var source needs `vars`, a map of names to values'],
    [source('[]', 'dummy'), 'the config of a var source is a map'],
    [source('{session_token: x, secret_key: z}', 'ssm'), 'the config needs `access_key` beside `secret_key` and `session_token`'],
    [source('{team_secret_template: ""}', 'secretsmanager'), '`team_secret_template` cannot be empty'],
    [source('{audience: a}', 'idtoken'), '`audience` must be a list of texts'],
    [source('{expires_in: 25h}', 'idtoken'), 'a token expires in 24h at most'],
    [source('{expires_in: soon}', 'idtoken'), '`soon` is no duration'],
    [source('{subject_scope: x}', 'idtoken'), 'there is no subject scope `x`'],
    [source('{algorithm: x}', 'idtoken'), 'there is no algorithm `x`'],
  ])('%s: %s', (written, message) => {
    expect(errors(written)).toEqual([message])
  })
})
