import { expect, it } from 'vitest'
import { readEvent, readInspection, readSummaries } from './shapes.ts'

/** What an image's maker may write into its labels, which the engine gives every container of it. */
const hostile = { ...Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`l${i}`, i % 2 === 0 ? 'x' : i])), long: 'x'.repeat(5_000_000), 'airside.long': 'x'.repeat(64 * 1024 + 1) }
const labels = { ...hostile, 'airside.type': 'task' }

it('labels of an image hide no container, and are not kept', () => {
  const listed = readSummaries(JSON.stringify([{ Id: 'a', Names: ['/one'], State: 'running', Labels: labels }, { Id: 'b', State: 'exited', Labels: null }]))
  expect(listed).toEqual({ ok: true, value: [{ id: 'a', name: 'one', state: 'running', labels: { 'airside.type': 'task' } }, { id: 'b', name: '', state: 'exited', labels: {} }] })
  const inspected = readInspection(JSON.stringify({ Id: 'a', State: { Status: 'running' }, Config: { Labels: labels } }))
  expect(inspected).toMatchObject({ ok: true, value: { labels: { 'airside.type': 'task' } } })
  expect(readEvent({ Action: 'die', Actor: { ID: 'a', Attributes: { ...hostile, name: 'one', exitCode: '7' } } })).toEqual({ action: 'die', id: 'a', name: 'one', exitCode: 7 })
})
