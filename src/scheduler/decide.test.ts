import { expect, test } from 'vitest'
import { noSlot } from '../model/slots.ts'
import type { Choice } from './choice.ts'
import { decide } from './decide.ts'
import type { JobInput, JobSnapshot, PendingBuild } from './ports.ts'

const input: JobInput = { name: 'app', resource: 1, of: 'app', passed: [], trigger: true, every: false, check: {} }
const job: JobSnapshot = { jobId: 1, name: 'unit', active: true, paused: false, pipeline: { id: 1, name: 'p', teamId: 1, team: 'main', paused: false, archived: false, configVersion: 1 }, inputs: [input], pending: [] }
const found: Choice = { versions: new Map([['app', 7]]), missing: [], firsts: new Set(['app']), pipes: [], more: false }
const pending = (build: number, fields: Partial<PendingBuild> = {}): PendingBuild => ({ build, order: build, name: String(build), createdAt: 0, cause: { kind: 'automatic' }, ready: false, ...fields })

test('a first occurrence at a trigger makes a build and starts it in one pass', () => {
  expect(decide(job, found, 5)).toMatchObject({ create: true, start: { build: 'created', cause: { kind: 'automatic' } }, waits: [], notTriggered: { kind: 'nothing-new', triggers: ['app'] } })
})

test('nothing is made where no trigger has a new version, or a build waits that will take it', () => {
  expect(decide(job, { ...found, firsts: new Set() }, 5)).toMatchObject({ create: false, hasNew: false, notTriggered: { kind: 'nothing-new', triggers: ['app'] } })
  expect(decide({ ...job, inputs: [{ ...input, trigger: false }] }, found, 5)).toMatchObject({ create: false, hasNew: true, notTriggered: { kind: 'no-trigger' } })
  expect(decide({ ...job, inputs: [] }, { ...found, versions: new Map(), firsts: new Set() }, 5)).toMatchObject({ create: false, notTriggered: { kind: 'no-get' } })
  expect(decide({ ...job, pending: [pending(3)] }, found, 5)).toMatchObject({ create: false, start: { build: 3 } })
  expect(decide({ ...job, pending: [pending(3)], slots: { limit: 1, groups: [1], running: 1 } }, found, 5)).toMatchObject({ hasNew: true, notTriggered: { kind: 'pending', build: '3' } })
})

test('B8: a build that was made while its pipeline was archived is aborted, and says so', () => {
  const { configVersion: _, ...pipeline } = job.pipeline
  expect(decide({ ...job, pipeline: { ...pipeline, archived: true }, pending: [pending(3)] }, undefined, 5)).toMatchObject({
    create: false, ends: [{ build: 3, status: 'aborted', message: 'the pipeline was archived before the build started' }],
  })
})

test('one build starts in a pass, the others are looked at again', () => {
  const decision = decide({ ...job, pending: [pending(3), pending(4)] }, found, 5)
  expect(decision).toMatchObject({ start: { build: 3 }, again: true })
  expect(decision.waits.map(({ build }) => build)).toEqual([4])
})

test('the last version of several is passed again', () => {
  expect(decide(job, { ...found, more: true }, 5).again).toBe(true)
  expect(decide(job, found, 5).again).toBe(false)
})

test('a slot is lacking when as many run as may, or an older build of the group is ready', () => {
  const slots = { limit: 1, groups: [1], running: 0 }
  const build = { order: 5, build: 5 }
  expect(noSlot(slots, build)).toBeUndefined()
  expect(noSlot({ ...slots, running: 1 }, build)).toEqual({ kind: 'job-limit', running: 1, limit: 1 })
  expect(noSlot({ ...slots, ahead: { order: 4, build: 4, job: 'b', name: '2' } }, build)).toEqual({ kind: 'queued', behind: '2', job: 'b' })
  // A rerun of an older build comes before it.
  expect(noSlot({ ...slots, ahead: { order: 4, build: 9, job: 'b', name: '2.1' } }, build)).toMatchObject({ kind: 'queued' })
  expect(noSlot({ ...slots, ahead: { order: 6, build: 6, job: 'b', name: '3' } }, build)).toBeUndefined()
})
