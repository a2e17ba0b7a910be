import { expect, test } from 'vitest'
import { whyNotTriggered, whyPending, type WhyAbout } from './why.ts'

const about: WhyAbout = {
  pipeline: { team: 'main', name: 'a/b', instanceVars: { branch: 'x' }, pause: { by: 'kim', at: 5 } },
  job: { name: 'ship it', pause: { by: 'kim', at: 7 } },
  resourceOf: (input) => ({ a: 'repo', b: 'tests' })[input],
}
const at = (path = '') => `/teams/main/pipelines/a%2Fb${path}?vars.branch=%22x%22`
const missing = [{ input: 'a', failure: 'x', message: 'a has no version' }, { input: 'gone', failure: 'x', message: 'no version of gone has passed unit' }]

test('why a build waits is a sentence, and reasons that lead to what holds it', () => {
  expect(whyPending({ kind: 'pipeline-paused' }, about).reasons).toEqual([{ kind: 'pipeline-paused', text: 'its pipeline is paused', since: 5, link: at() }])
  expect(whyPending({ kind: 'job-paused' }, about).reasons).toEqual([{ kind: 'job-paused', text: 'its job is paused', since: 7, link: at('/jobs/ship%20it') }])
  expect(whyPending({ kind: 'job-limit', running: 1, limit: 1 }, about)).toEqual({ sentence: '1 of at most 1 builds run', reasons: [{ kind: 'job-limit', text: '1 of at most 1 builds run', link: at('/jobs/ship%20it') }] })
  expect(whyPending({ kind: 'queued', behind: '7', job: 'deploy' }, about)).toMatchObject({ sentence: 'build deploy #7 goes first', reasons: [{ link: at('/jobs/deploy/builds/7') }] })
  expect(whyPending({ kind: 'queued', behind: '7' }, about).reasons).toMatchObject([{ text: 'build #7 goes first', link: at('/jobs/ship%20it/builds/7') }])
  expect(whyPending({ kind: 'checking', inputs: ['b'] }, about).reasons).toMatchObject([{ text: 'b is checked first', link: at('/resources/tests') }])
  expect(whyPending({ kind: 'checking', inputs: ['a', 'b'] }, about).reasons).toEqual([{ kind: 'checking', text: 'a, b are checked first' }])
  expect(whyPending({ kind: 'inputs', missing, resolved: [] }, about)).toEqual({
    sentence: 'a has no version; no version of gone has passed unit',
    reasons: [{ kind: 'input', text: 'a has no version', link: at('/resources/repo') }, { kind: 'input', text: 'no version of gone has passed unit' }],
  })
})

test('why no build starts by itself leads to what would start one', () => {
  const text = 'none of its get steps has trigger: true'
  expect(whyNotTriggered({ kind: 'no-trigger' }, about)).toEqual({ sentence: `No build starts by itself: ${text}`, reasons: [{ kind: 'no-trigger', text }] })
  expect(whyNotTriggered({ kind: 'no-get' }, about)).toEqual({ sentence: 'No build starts by itself: it has no get step', reasons: [{ kind: 'no-get', text: 'it has no get step' }] })
  expect(whyNotTriggered({ kind: 'inputs', missing }, about).reasons).toMatchObject([{ link: at('/resources/repo') }, {}])
  expect(whyNotTriggered({ kind: 'pending', build: '4' }, about).reasons).toMatchObject([{ link: at('/jobs/ship%20it/builds/4') }])
  expect(whyNotTriggered({ kind: 'nothing-new', triggers: ['b'] }, about).reasons).toMatchObject([{ kind: 'nothing-new', link: at('/resources/tests') }])
  expect(whyNotTriggered({ kind: 'pipeline-paused' }, about).reasons).toMatchObject([{ since: 5, link: at() }])
})
