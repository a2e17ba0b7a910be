import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, rowsIn } from './named-rows.ts'

/** What scheduling does, row by row. Inputs, version: every, builds, pipelines, checks. */
const rows = {
  I1: 'without passed: the usable version with the highest check order',
  I2: 'pins: of the step, then of the resource; newest match; a pin that is not found fails the group',
  I3: 'passed: successes of the jobs that vouch for all related inputs together',
  I4: 'which of them: by input and job, newest success first',
  I5: 'inputs joined by passed jobs are a group, which fails whole',
  I6: 'a success with a version that cannot be used vouches for nothing',
  I7: 'what a build put goes before what it got',
  I8: 'only successes vouch; what others put are versions all the same',
  I9: 'another source or type: a new scope and a fresh history; the same content triggers nothing again',
  I10: 'a credential that was rotated keeps the history',
  I11: 'a version that is gone before the start is chosen again',
  I12: 'gets in hooks, try and across are inputs; globs in passed name jobs',
  E1: 'every without passed: the newest, then each above the highest that was used',
  E2: 'every with passed: each success after the last one that was taken',
  E3: 'an upstream build repeated with the same versions is skipped',
  B1: 'a first occurrence at a trigger makes a build',
  B2: 'one automatic build is pending; it takes its versions when it starts',
  B3: 'a manual build waits for checks begun after its creation',
  B4: 'an automatic build waits for lapsed checks of inputs that do not trigger',
  B5: 'reruns copy inputs, stand at the place of their original, and are numbered by it',
  B6: 'a build that waits blocks the later ones of its job',
  B7: 'serial, serial_groups and max_in_flight',
  B8: 'pause, archive and abort',
  B9: 'a build that cannot be planned is errored, and says why',
  B10: 'jobs and resources that go, come back, or are renamed',
  B11: 'no autoscaler takes the pod of a step away',
  B12: 'finished, next and transition build of a job',
  B13: 'what a pending build waits for',
  P1: 'set by the API: paused; a stale version is refused; identity is team, name and instance vars',
  P2: 'set by a step: unpaused; self; teams; vars',
  P3: 'set without a change, and after a newer build',
  P4: 'archived by the job that set it, and recursively',
  P5: 'set meanwhile: what runs keeps its plan',
  C1: 'what is checked without being asked',
  C2: 'intervals, back-off, and what resets it',
  C3: 'what a check begins from',
  C4: 'what goes on top of a scope',
  C5: 'who shares checks',
  C6: 'images of types are checked first',
  C7: 'check-resource, webhooks and wishes',
  C8: 'a check that fails blocks nothing that has a version, and is quoted else',
  C9: 'a check that finds nothing new leaves no row',
  C10: 'the latest version has vanished',
  C11: 'a put triggers at once, passed at success',
  C12: 'versions are fixed before across, load_var and var_sources have values',
}

/** It is about pods, not about a database. */
const elsewhere = new Map([['B11', 'src/runtime/kubernetes/pod-spec.test.ts']])

/** `B8, P5: title` names both. */
const titled = /\b(?:it|test)\('((?:[A-Z]\d+, )*[A-Z]\d+): /g

test('each row of scheduling has a test that is named by it and runs on both databases', async () => {
  const suites = await rowsIn(glob('src/**/*.suite.ts', { cwd: root }), titled)
  expect(Object.keys(rows).filter((row) => !elsewhere.has(row) && !suites.has(row))).toEqual([])
  for (const [row, file] of elsewhere) expect(await rowsIn([file], titled)).toContain(row)
})

test('each suite that names a row is among those that both databases run', async () => {
  const all = await readFile(join(root, 'src/db/conformance/suite.ts'), 'utf8')
  for await (const file of glob('src/**/*.suite.ts', { cwd: root })) {
    if ((await rowsIn([file], titled)).size > 0) expect(all).toContain(`/${file.split('/').at(-1) ?? ''}'`)
  }
})
