import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { Version } from '../../model/version.ts'
import { UnstorableVersionError } from '../version-json.ts'
import { countTaskCaches, SharedResourceCaches, SharedTaskCaches } from './shared-caches.ts'
import { openSharedIndex, type SharedIndex } from './shared-index.ts'
import { jobNames } from './shared-jobs.ts'
import { SharedStepDurations } from './shared-step-durations.ts'
import { SharedVersions } from './shared-versions.ts'

let data: string
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'airside-shared-'))
})
afterEach(() => rm(data, { recursive: true, force: true }))

async function open(): Promise<SharedIndex> {
  const index = await openSharedIndex(data)
  onTestFinished(() => index.close())
  return index
}
const artifact = (digit: string): ArtifactRef => ({ digest: `sha256:${digit.repeat(64)}`, size: 10 })
const v = (ref: string): Version => ({ ref })
const order = (index: SharedIndex): unknown[] =>
  index.prepare("select version ->> 'ref' as ref from versions where scope = 's' order by check_order").all().map(({ ref }) => ref)

describe('what all databases of a folder share', () => {
  it('orders versions as checks print them, whichever process does', async () => {
    const [index, another] = [await open(), await open()]
    const [one, other] = [new SharedVersions(index), new SharedVersions(another)]
    expect(await one.latest('s')).toBeUndefined()
    await one.save('s', [v('1'), v('2'), v('3')])
    await other.save('s', [v('2'), v('1')])
    expect(order(index)).toEqual(['1', '2', '3'])
    await other.save('s', [v('2'), v('1'), v('4')])
    expect(order(index)).toEqual(['3', '2', '1', '4'])
    await one.save('s', [v('5'), v('6'), v('5')])
    expect(order(index)).toEqual(['3', '2', '1', '4', '6', '5'])
    await one.save('s', [])
    expect(await other.latest('s')).toEqual(v('5'))
    expect(await other.latest('t')).toBeUndefined()
  })

  it('calls versions equal whose keys stand in another order, and refuses what other databases cannot hold', async () => {
    const versions = new SharedVersions(await open())
    await versions.save('s', [{ a: '1', b: '2' }, { c: '3' }])
    await versions.save('s', [{ b: '2', a: '1' }])
    expect(await versions.latest('s')).toEqual({ c: '3' })
    await expect(versions.save('s', [v('a\0')])).rejects.toBeInstanceOf(UnstorableVersionError)
    await expect(versions.save('s', [v('\ud800')])).rejects.toBeInstanceOf(UnstorableVersionError)
  })

  it('keeps caches of gets until they go unused', async () => {
    const [one, other] = [new SharedResourceCaches(await open()), new SharedResourceCaches(await open())]
    const value = { artifact: artifact('a'), version: { ref: 'x\0', __proto__x: '1' }, metadata: [{ name: 'n', value: '\ud800' }] }
    await one.put('key', value, 1_000)
    await one.put('old', value, 1_000)
    expect(await other.get('key', 1_005)).toEqual(value)
    expect(await one.deleteUnusedSince(1_005)).toBe(1)
    expect(await other.get('old', 1_006)).toBeUndefined()
    await other.put('key', { ...value, artifact: artifact('b') }, 1_007)
    expect((await one.get('key', 1_007))?.artifact).toEqual(artifact('b'))
  })

  it('clears caches of gets by the config that they were fetched from, and by version', async () => {
    const caches = new SharedResourceCaches(await open())
    const value = (version: Record<string, string>) => ({ artifact: artifact('a'), version, metadata: [] })
    await caches.put('1', value({ ref: '1', more: 'x' }), 1, 's')
    await caches.put('2', value({ ref: '2' }), 1, 's')
    await caches.put('3', value({ ref: '2' }), 1, 'other')
    await caches.put('4', value({ ref: '2' }), 1)
    expect([await caches.clear('s', { more: 'x', ref: '1' }), await caches.clear('s'), await caches.clear('s')]).toEqual([1, 1, 0])
    expect([await caches.get('3', 1), await caches.get('4', 1)]).not.toContain(undefined)
  })

  it('an index of the release before is brought up to date', async () => {
    await mkdir(join(data, 'shared'), { recursive: true })
    const file = new DatabaseSync(join(data, 'shared', 'index.sqlite'))
    file.exec(`create table resource_caches (key text primary key, digest text not null, size integer not null, version text not null, metadata text not null, used_at integer not null) strict, without rowid;
      insert into resource_caches values ('old', 'sha256:a', 1, '{"ref":"1"}', '[]', 1); pragma user_version = 1`)
    file.close()
    const caches = new SharedResourceCaches(await open())
    expect(await caches.get('old', 2)).toMatchObject({ version: { ref: '1' } })
    await caches.put('new', { artifact: artifact('a'), version: { ref: '1' }, metadata: [] }, 2, 's')
    expect(await caches.clear('s')).toBe(1)
  })

  // The same job has another number in each database.
  const names = (numbers: Record<number, string>) => jobNames({ namesOfJob: (id) => Promise.resolve({ team: 'main', pipeline: 'p', job: numbers[id] ?? '' }) })

  it('keeps caches of tasks by the names of their job', async () => {
    const [index, another] = [await open(), await open()]
    const one = new SharedTaskCaches(index, names({ 1: 'unit', 2: 'ship' }))
    const other = new SharedTaskCaches(another, names({ 1: 'ship', 2: 'unit' }))
    await one.put({ jobId: 1, step: 'build', path: 'cache' }, artifact('a'), 1)
    await one.put({ jobId: 1, step: 'build', path: '.m2' }, artifact('b'), 1)
    await other.put({ jobId: 2, step: 'build', path: 'cache' }, artifact('c'), 2)
    expect(await one.get({ jobId: 1, step: 'build', path: 'cache' })).toEqual(artifact('c'))
    expect(await other.get({ jobId: 1, step: 'build', path: 'cache' })).toBeUndefined()
    expect(index.referenced().toSorted()).toEqual([artifact('b').digest, artifact('c').digest])
    expect(await other.deleteUnusedSince(2)).toBe(1)
    expect(await one.get({ jobId: 1, step: 'build', path: '.m2' })).toBeUndefined()
  })

  it('counts caches of tasks by team', async () => {
    const index = await open()
    const caches = new SharedTaskCaches(index, (jobId) => Promise.resolve(JSON.stringify([jobId < 3 ? 'main' : 'a "team"', 'p', `j${jobId}`])))
    for (const jobId of [1, 2, 3]) for (const path of ['x', 'y']) await caches.put({ jobId, step: 'build', path }, artifact('a'), 1)
    const counts = countTaskCaches(index).map(({ team, count }) => `${team}: ${count}`)
    expect(counts.toSorted()).toEqual(['a "team": 2', 'main: 2', 'main: 2'])
  })

  it('remembers how long steps of a job took', async () => {
    const one = new SharedStepDurations(await open(), names({ 1: 'unit' }))
    const other = new SharedStepDurations(await open(), names({ 1: 'ship', 2: 'unit' }))
    await one.put(1, 'build', 600_000.4)
    await one.put(1, 'build', 7_200_000)
    await other.put(2, 'it’s', 900_000)
    expect(await one.ofJob(1)).toEqual(new Map([['build', 7_200_000], ['it’s', 900_000]]))
    expect(await other.ofJob(1)).toEqual(new Map())
    await other.delete(2, 'build')
    expect(await one.ofJob(1)).toEqual(new Map([['it’s', 900_000]]))
  })

  it('an index of another release is refused with a message', async () => {
    await open()
    const file = new DatabaseSync(join(data, 'shared', 'index.sqlite'))
    file.exec('pragma user_version = 99')
    file.close()
    await expect(openSharedIndex(data)).rejects.toThrow(/was made by another release of Airside.*--data/)
  })
})

const program = fileURLToPath(new URL('./testing/put-until-killed.ts', import.meta.url))

/** Kills the program in the middle of its work, when it has said so many lines; gives all that it had said. */
async function runAndKill(name: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, data, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    if (said.length === lines) child.kill('SIGKILL')
  }
  expect(await exited).toEqual([null, 'SIGKILL'])
  return said
}

it('nothing that three killed processes saved at once is lost or numbered twice', async () => {
  const saved: string[] = []
  // The first three find no file, and make it at once.
  for (const round of [0, 1, 2]) saved.push(...(await Promise.all([20, 35, 50].map((lines, child) => runAndKill(`${round}.${child}`, lines)))).flat())
  const index = await open()
  const caches = new SharedResourceCaches(index)
  for (const ref of saved) expect((await caches.get(ref, 2))?.version).toEqual({ ref })
  const there = new Set(order(index))
  expect(saved.filter((ref) => !there.has(ref))).toEqual([])
  expect(index.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
})
