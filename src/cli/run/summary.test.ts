import { expect, test } from 'vitest'
import { finishedRecord } from '../../engine/step-record.ts'
import type { StepReport } from '../../model/step-report.ts'
import { planOf, taskYaml } from '../../engine/testing/kit.ts'
import { stepNames } from '../../engine/testing/event-lines.ts'
import { runSummary } from './summary.ts'

const { plan } = planOf(`
resources: [{name: repo, type: git, source: {}}]
jobs: [{name: j, plan: [{get: repo}, ${taskYaml('unit')}, ${taskYaml('never')}]}]`)
const ids = new Map([...stepNames(plan)].map(([id, name]) => [name, id]))
const id = (name: string): string => ids.get(name) ?? name
const record = (report: StepReport) => finishedRecord({ outcome: { kind: 'succeeded' }, artifacts: {} }, report)
const digest = `sha256:${'ab'.repeat(32)}`

test('a row for each step that has begun, in the order of the plan, and its long waits below', () => {
  const records = new Map([
    [`${id('unit')}/image-get`, record({ times: { turn: 0, start: 100, end: 400 }, waits: [], container: 'made', outputs: [{ name: 'get', bytes: 2_500_000 }], image: { reference: 'r.io/registry-image:1', by: 'base-type', requests: 1, layerBytes: 0, pull: { kind: 'cached' } } })],
    [id('unit'), record({
      times: { prepare: 500, turn: 1_000, pulled: 2_000, ready: 2_500, start: 3_500, end: 7_000 },
      waits: [
        { reason: 'quota', message: 'exceeded quota:\npods', from: 1_000, to: 2_200 },
        { reason: 'starting', message: 'starting', from: 2_200, to: 2_500 },
      ],
      container: 'prepared-ahead',
      image: { reference: `r.io/busybox:1.36@${digest}`, digest, by: 'check', requests: 2, layerBytes: 2_500_000, pull: { kind: 'pulled', ms: 900 } },
      outputs: [{ name: 'binary', bytes: 4_711 }, { name: 'empty', bytes: 12 }],
      moreOutputs: 3,
    })],
    [id('get:repo'), record({ times: { turn: 0, end: 200 }, waits: [], outputs: [] })],
  ])
  expect(runSummary(plan, records)).toEqual([
    'step                  waited     ran  image                                          pulled                              outputs',
    'get repo              0.20 s',
    'task unit             2.50 s  3.50 s  r.io/busybox:1.36 abababababab (by its check)  0.90 s, 2.5 MB through here, ahead  binary 4.7 kB, empty 12 B, 3 more',
    '  waited 1.20 s: exceeded quota: pods',
    'task unit, image get  0.10 s  0.30 s  r.io/registry-image:1 (of a base type)         cached                              get 2.5 MB',
    'Preparing ahead saved about 0.50 s.',
  ])
})

test('a step that took a warm sandbox says so', () => {
  const image = { reference: 'r.io/busybox:1', by: 'tag', requests: 1, layerBytes: 0, pull: { kind: 'cached' } } as const
  const records = new Map([[id('unit'), record({ times: { turn: 0, start: 100, end: 400 }, waits: [], container: 'warm-sandbox', outputs: [], image })]])
  expect(runSummary(plan, records)[1]).toContain('cached, warm sandbox')
})

test('a build without recorded steps has no table', () => {
  expect(runSummary(plan, new Map())).toEqual([])
})
