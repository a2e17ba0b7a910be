import { expect, test } from 'vitest'
import { emptyImageConfig } from '../model/image.ts'
import { envValue, paramsEnv, processEnv, resourceEnv } from './env.ts'
import type { ContainerOutcome } from './ports.ts'
import { processEnd, statusOfSignal } from './process-end.ts'
import { stepTimeout } from './step-timeout.ts'

const container = (outcome: ContainerOutcome['outcome'], flags: Partial<ContainerOutcome> = {}): ContainerOutcome => ({
  outcome, aborted: false, timedOut: false, outputs: new Map(), failedOutputs: new Map(), ...flags,
})

test('what a process’s end means', () => {
  expect(processEnd(container({ kind: 'exited', status: 7 }))).toEqual({ kind: 'exit', status: 7 })
  expect(processEnd(container({ kind: 'signaled', signal: 'SIGSEGV', oom: false }))).toEqual({ kind: 'exit', status: 139, note: 'killed by signal SIGSEGV' })
  expect(processEnd(container({ kind: 'signaled', signal: 'KILL', oom: true }))).toMatchObject({ kind: 'exit', status: 137, note: expect.stringContaining('out of memory') })
  expect(processEnd(container({ kind: 'killed', oom: true, message: 'm' }))).toMatchObject({ kind: 'exit', status: 137 })
  expect(processEnd(container({ kind: 'killed', oom: false, message: 'node reboot' }))).toEqual({ kind: 'errored', message: 'node reboot' })
  expect(processEnd(container({ kind: 'error', reason: 'executable-not-found', message: 'no make' }))).toEqual({ kind: 'errored', message: 'no make' })
  expect(processEnd(container({ kind: 'never-started' }))).toMatchObject({ kind: 'errored' })
  // An abort or timeout counts, whatever the process made of its TERM.
  expect(processEnd(container({ kind: 'exited', status: 0 }, { aborted: true }))).toEqual({ kind: 'interrupted' })
  expect(processEnd(container({ kind: 'signaled', signal: 'KILL', oom: false }, { timedOut: true }))).toEqual({ kind: 'timed-out' })
  expect([statusOfSignal('TERM'), statusOfSignal('SIGINT'), statusOfSignal('RTMIN+3')]).toEqual([143, 130, 137])
})

test('params become variables as Concourse makes them', () => {
  expect(paramsEnv({ a: 'x=y', b: null, c: 5, d: true, e: { k: [1] }, f: '' })).toEqual(['a=x=y', 'b=', 'c=5', 'd=true', 'e={"k":[1]}', 'f='])
  expect(envValue(['a'])).toBe('["a"]')
  expect(processEnv({ ...emptyImageConfig, env: ['PATH=/bin', 'A=1'] }, ['A=2', 'B=', 'A=3'])).toEqual(['PATH=/bin', 'A=3', 'B='])
})

test('resource scripts are told whose build it is', () => {
  const build = { id: 12, name: '3', scope: { teamId: 1 }, team: 'main', externalUrl: 'https://ci.test' }
  expect(resourceEnv({ ...build, pipeline: 'p 1', job: 'j/1' })).toEqual([
    'BUILD_ID=12', 'BUILD_NAME=3', 'BUILD_TEAM_ID=1', 'BUILD_TEAM_NAME=main', 'BUILD_JOB_NAME=j/1', 'BUILD_PIPELINE_NAME=p 1', 'ATC_EXTERNAL_URL=https://ci.test',
    'BUILD_URL=https://ci.test/teams/main/pipelines/p%201/jobs/j%2F1/builds/3', 'BUILD_URL_SHORT=https://ci.test/builds/12',
  ])
  expect(resourceEnv({ ...build, externalUrl: '' })).toEqual(['BUILD_ID=12', 'BUILD_NAME=3', 'BUILD_TEAM_ID=1', 'BUILD_TEAM_NAME=main'])
})

test('resource scripts of a job of an instance are told its vars, and in a hook how its step ended', () => {
  const instanceVars = { values: { branch: 'a&b' }, query: '?vars.branch=%22a%26b%22' }
  const build = { id: 12, name: '3', scope: { teamId: 1, pipelineId: 4, jobId: 5 }, team: 'main', pipeline: 'p', job: 'j', externalUrl: 'https://ci.test', instanceVars, status: 'failed' as const }
  expect(resourceEnv(build)).toEqual([
    'BUILD_STATUS=failed', 'BUILD_ID=12', 'BUILD_NAME=3', 'BUILD_TEAM_ID=1', 'BUILD_TEAM_NAME=main', 'BUILD_JOB_ID=5', 'BUILD_JOB_NAME=j', 'BUILD_PIPELINE_ID=4', 'BUILD_PIPELINE_NAME=p',
    String.raw`BUILD_PIPELINE_INSTANCE_VARS={"branch":"a\u0026b"}`, 'ATC_EXTERNAL_URL=https://ci.test',
    'BUILD_URL=https://ci.test/teams/main/pipelines/p/jobs/j/builds/3?vars.branch=%22a%26b%22', 'BUILD_URL_SHORT=https://ci.test/builds/12',
  ])
})

test.each([[undefined, {}], ['1h30m', { timeoutMs: 5_400_000 }], ['600h', { timeoutMs: 2_160_000_000 }]])('the timeout %s', (text, expected) => {
  expect(stepTimeout(text)).toEqual({ ok: true, value: expected })
})
test.each(['soon', '0s', '-5m', '', '10'])('the timeout %j is refused in words', (text) => {
  expect(stepTimeout(text)).toMatchObject({ ok: false, error: expect.stringContaining('write a duration such as 10m') })
})
