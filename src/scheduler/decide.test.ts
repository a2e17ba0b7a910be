import { expect, test } from 'vitest'
import type { Job, Pipeline } from '../model/pipeline.ts'
import { blocked, countedJobs, limitOf } from './decide.ts'
import { newestInAll } from './passed.ts'

const pipeline: Pipeline = { id: 1, teamId: 1, team: 'main', name: 'p', paused: false, public: false, archived: false, updatedAt: 0 }
const job: Job = { id: 1, pipelineId: 1, name: 'j', active: true, public: false, paused: false }
const free = { pipeline, job, running: 0, limit: undefined }

test('a pending build waits for pauses, for the build before it, and for room', () => {
  expect(blocked({ ...free, running: 9 })).toBeUndefined()
  expect(blocked({ ...free, pipeline: { ...pipeline, paused: true }, job: { ...job, paused: true } })).toEqual({ kind: 'pipeline-paused' })
  expect(blocked({ ...free, job: { ...job, paused: true }, behind: '1' })).toEqual({ kind: 'job-paused' })
  expect(blocked({ ...free, behind: '1', running: 1, limit: 1 })).toEqual({ kind: 'queued', behind: '1' })
  expect(blocked({ ...free, running: 1, limit: 1 })).toEqual({ kind: 'job-limit', running: 1, limit: 1 })
  expect(blocked({ ...free, running: 1, limit: 2 })).toBeUndefined()
})

test('serial and serial groups stand over max_in_flight, and a group counts the builds of all its jobs', () => {
  const of = (fields: object) => ({ name: 'j', plan: [], ...fields })
  expect([of({}), of({ max_in_flight: 3 }), of({ serial: true, max_in_flight: 3 }), of({ serial_groups: ['g'], max_in_flight: 3 })].map(limitOf)).toEqual([undefined, 3, 1, 1])
  const jobs = [of({ serial_groups: ['g'] }), { ...of({ serial_groups: ['g', 'h'] }), name: 'k' }, { ...of({ serial_groups: ['h'] }), name: 'l' }]
  expect(jobs.map((one) => countedJobs({ jobs }, one))).toEqual([['j', 'k'], ['j', 'k', 'l'], ['k', 'l']])
})

test('what passed all jobs is the newest that each of them has used', () => {
  const [a, b, c] = [{ v: 'a' }, { v: 'b' }, { v: 'c' }]
  expect(newestInAll([[[c], [b], [a]], [[a], [b]]])).toEqual(b)
  expect(newestInAll([[[c]], [[b]]])).toBeUndefined()
  expect(newestInAll([[[]], [[a]]])).toBeUndefined()
  expect(newestInAll([[[b, a]]])).toEqual(b)
})
