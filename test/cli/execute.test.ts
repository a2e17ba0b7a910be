import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckContainer, EnterableContainer } from '../../src/api/container-ports.ts'
import type { ProcessToEnter } from '../../src/model/container.ts'
import type { WorkerArtifact } from '../../src/api/ports.ts'
import { apiWorld, type ApiWorld } from '../../src/api/testing/world.ts'
import { openDiskStore } from '../../src/artifacts/disk.ts'
import type { ArtifactStore } from '../../src/artifacts/store.ts'
import { storeUpload } from '../../src/artifacts/upload.ts'
import { packFolder } from '../../src/client/pack-folder.ts'
import type { OneOffBuild } from '../../src/model/requested-build.ts'
import { fail, ok } from '../../src/model/result.ts'
import { airside, type Running } from '../e2e/airside.ts'

/** `airside execute` and `airside hijack` as processes, on the API with a build and a container that the test plays. */
describe('a task of this machine, and a container of a server', () => {
  let folder: string
  let world: ApiWorld
  let store: ArtifactStore
  const uploads: WorkerArtifact[] = []
  const made: OneOffBuild[] = []
  const entered: ProcessToEnter[] = []
  let targets: EnterableContainer[] = []
  let waiting: CheckContainer[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-execute-'))
    store = await openDiskStore(join(folder, 'artifacts'))
    world = await apiWorld({
      artifacts: { store: (source) => storeUpload(store, source), open: async ({ digest }) => (await store.open(digest))?.stream },
      workerArtifacts: {
        upload(_team, artifact, now) {
          const one = { id: uploads.length + 1, name: '', artifact, createdAt: now }
          uploads.push(one)
          return Promise.resolve(one)
        },
        find: (_team, id) => Promise.resolve(uploads.find((one) => one.id === id)),
        ofBuild: (buildId) => Promise.resolve(uploads.filter((one) => one.buildId === buildId)),
      },
      createOneOff(build) {
        made.push(build)
        const id = made.length
        world.builds.set(id, { id, kind: 'one-off', name: String(id), scope: build.scope, team: 'main', status: 'started', createdAt: 1, abortRequested: false, pipelinePublic: false, jobPublic: false } as never)
        return Promise.resolve(id)
      },
      lists: {
        get: (id: number) => Promise.resolve(world.builds.get(id)),
        byIds: (ids: readonly number[]) => Promise.resolve(ids.flatMap((id) => world.builds.get(id) ?? [])),
      } as never,
      holderOf: () => Promise.resolve({ kind: 'here' }),
      peers: () => Promise.resolve([]),
      worker: { name: 'docker', startedAt: 0, baseTypes: [], containers: () => Promise.resolve({ all: 0, tasks: 0 }) },
      containers: {
        checks: () => Promise.resolve(waiting),
        find: () => Promise.resolve({ targets }),
        enter(_handle, process, { onOutput }) {
          entered.push(process)
          if (process.path === 'none') return Promise.resolve(ok({ write: () => Promise.resolve(), resize: () => undefined, result: Promise.resolve(ok({ kind: 'error' as const, reason: 'executable-not-found' as const, message: 'none' })) }))
          if (process.path === 'gone') return Promise.resolve(fail('the container is gone'))
          const end = Promise.withResolvers<number>()
          return Promise.resolve(ok({
            async write(data: Uint8Array, eof?: boolean) {
              if (data.length > 0) await onOutput(Buffer.from(`got ${Buffer.from(data).toString()}`), 'stdout')
              if (eof !== true) return
              await onOutput(Buffer.from('no more\n'), 'stderr')
              end.resolve(7)
            },
            resize: () => undefined,
            result: end.promise.then((status) => ok({ kind: 'exited' as const, status })),
          }))
        },
      },
    })
    world.api.app.server.on('upgrade', world.api.upgrade)
    const url = await world.api.app.listen({ port: 0, host: '127.0.0.1' })
    await mkdir(join(folder, 'repo', 'sub'), { recursive: true })
    await writeFile(join(folder, 'repo', 'sub', 'code'), 'of the repository')
    await writeFile(join(folder, 'repo', '.gitignore'), 'big\n')
    await writeFile(join(folder, 'repo', 'big'), 'ignored')
    execFileSync('git', ['init', '-q', join(folder, 'repo')])
    await writeFile(join(folder, 'task.yml'), 'platform: linux\nimage_resource: {type: mock, source: {}}\ninputs: [{name: repo}, {name: more, optional: true}]\noutputs: [{name: out}]\nparams: {WORD: ((word)), OTHER: kept}\nrun: {path: sh, args: [-c]}\n')
    expect(await ran(['login', '-t', 'ci', '-c', url, '-u', 'admin', '-p', 'right'])).toMatchObject({ status: 0 })
  })
  afterAll(async () => {
    await world.api.close()
    await rm(folder, { recursive: true, force: true })
  })

  const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({ HOME: folder, FLY_HOME: folder, AIRSIDE_TARGET: '', ...more })
  const start = (args: readonly string[], more: NodeJS.ProcessEnv = {}): Running => airside(args, env(more))
  const ran = (args: readonly string[]) => start(args).ended
  const task = (...more: string[]) => ['execute', '-c', join(folder, 'task.yml'), ...more]
  const repo = () => ['-i', `repo=${join(folder, 'repo')}`]

  test('a task gets a folder without what git ignores, and its output comes back with its exit status', async () => {
    const running = start(task(...repo(), '-o', `out=${join(folder, 'out')}`, '-v', 'word=given', '-p', '--tag', 'big', '--', 'true'), { OTHER: 'of the environment' })
    await running.until(/^executing build 1 at http:\/\/127\.0\.0\.1:\d+\/builds\/1$/m)
    const [build] = made
    expect(build?.plan).toMatchObject({
      ensure: {
        step: { do: [{ in_parallel: { steps: [{ artifact_input: { artifact_id: 1, name: 'repo' } }] } }, { task: { name: 'one-off', privileged: true, tags: ['big'], config: { params: { WORD: 'given', OTHER: 'of the environment' }, run: { path: 'sh', args: ['-c', 'true'] } } } }] },
        ensure: { in_parallel: { steps: [{ artifact_output: { name: 'out' } }] } },
      },
    })
    const content = (await store.open(build?.artifacts['repo']?.digest ?? ('' as never)))?.stream
    const text = (await buffer(content!)).toString('latin1')
    expect(text).toContain('of the repository')
    expect(text).not.toContain('ignored')

    await mkdir(join(folder, 'made'))
    await writeFile(join(folder, 'made', 'binary'), 'built')
    const output = await storeUpload(store, packFolder(join(folder, 'made'), ['.']))
    if (!output.ok) throw new Error(output.error.message)
    uploads.push({ id: 2, name: 'out', buildId: 1, artifact: output.value, createdAt: 1 })
    const { events, builds } = world
    events.push('status', { status: 'started', time: 1 })
    events.push('log', { origin: { id: '1', source: 'stdout' }, time: 1, payload: 'working\n' })
    events.push('finish-task', { origin: { id: '1' }, time: 1, exit_status: 7 })
    builds.set(1, { ...builds.get(1)!, status: 'failed', endedAt: 2 })
    events.push('status', { status: 'failed', time: 2 })
    expect(await running.ended).toMatchObject({ status: 7, stdout: expect.stringMatching(/^executing build 1 at \S+\nworking\nfailed\n$/) as string, stderr: expect.stringMatching(/^uploaded repo \([\d.]+ KiB\)\ndownloaded out to \S+\n$/) as string })
    expect(await readFile(join(folder, 'out', 'binary'), 'utf8')).toBe('built')
  })

  test('with --include-ignored all of the folder is uploaded, with --background nothing is watched', async () => {
    expect(await ran(task(...repo(), '--include-ignored', '--background', '-v', 'word=x'))).toMatchObject({ status: 0, stdout: expect.stringMatching(/^executing build 2 at \S+\n$/) as string })
    const content = (await store.open(made[1]?.artifacts['repo']?.digest ?? ('' as never)))?.stream
    expect((await buffer(content!)).toString('latin1')).toContain('ignored')
    expect(made[1]?.plan.kind).toBe('do')
  })

  test.each<[string, readonly string[], RegExp]>([
    ['an input that is lacking', [], /^the task needs input repo: give a folder with -i repo=DIR, or take what a job would get with -j PIPELINE\/JOB\n$/],
    ['an input that the task has not', ['-i', 'other=.'], /^the task has no input other; it has repo, more\n$/],
    ['an output that the task has not', ['-o', 'other=.'], /^the task has no output other; it has out\n$/],
    ['a folder that is not there', ['-i', 'repo=/nothing/here'], /^there is no folder \/nothing\/here\n$/],
    ['a file as a folder', ['-i', 'repo=/etc/hostname'], /^\/etc\/hostname is no folder\n$/],
    ['outputs in the background', ['-o', 'out=x', '-b'], /--background and --output exclude each other/],
    ['an image of no job', ['--image', 'x'], /--image is an input of a job/],
  ])('%s is said before anything runs', async (_what, flags, words) => {
    const before = made.length
    expect(await ran(task(...flags))).toMatchObject({ status: 2, stderr: expect.stringMatching(words) as string })
    expect(made).toHaveLength(before)
  })

  test('a faulty task is said with its place', async () => {
    await writeFile(join(folder, 'bad.yml'), 'platform: linux\nrun: [x]\n')
    expect(await ran(['execute', '-c', join(folder, 'bad.yml')])).toMatchObject({ status: 1, stderr: expect.stringMatching(/bad\.yml:2:\d+: error[\s\S]*nothing was run/) as string })
  })

  const container = (handle: string, step: string): EnterableContainer => ({ handle, buildId: 1, step, type: 'task', state: 'kept' })

  test('a command in a container has its pipes and its exit status', async () => {
    targets = [container('h1', 'greet'), container('h2', 'test')]
    const running = airside(['hijack', '-b', '1', '-s', 'test', '--', 'sh', '-c', 'cat'], env(), 'typed\n')
    expect(await running.ended).toEqual({ status: 7, stdout: 'got typed\n', stderr: 'no more\n' })
    expect(entered.at(-1)).toMatchObject({ path: 'sh', args: ['-c', 'cat'] })
    expect(await ran(['-t', 'ci', 'intercept', '-b', '1', '-s', 'test', '--', 'none'])).toMatchObject({ status: 255, stderr: 'executable file not found: none\n' })
    expect(await ran(['intercept', '-t', 'ci', '--handle', 'h1', '--', 'gone'])).toMatchObject({ status: 255, stderr: 'the container is gone\n' })
  })

  test('one that waits for the next check of its resource is entered when it is asked for, and is not among those of steps', async () => {
    targets = [container('h1', 'greet')]
    waiting = [{ handle: 'h3', uses: [{ teamId: 1, name: 'repo' }] }]
    expect(await ran(['hijack', '--', 'cat'])).toMatchObject({ status: 7 })
    expect(await ran(['containers'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/h3 .*check +repo/) as string })
    expect(await ran(['hijack', '--step-type', 'check', '--', 'cat'])).toMatchObject({ status: 7 })
    expect(await ran(['hijack', '-c', 'p/other', '--', 'cat'])).toMatchObject({ status: 255, stderr: expect.stringContaining('no container matches') as string })
    waiting = []
  })

  test('several containers are listed, none is said, and a shell is looked for', async () => {
    targets = [container('h1', 'greet'), container('h2', 'test')]
    expect(await ran(['hijack', '-b', '1'])).toMatchObject({ status: 255, stderr: 'several containers match; say more (--step, --attempt, --handle …):\n1: build 1, step greet (task)   h1\n2: build 1, step test (task)   h2\n' })
    expect(await ran(['hijack', '-b', '1', '-s', 'nothing'])).toMatchObject({ status: 255, stderr: expect.stringContaining('no container matches') as string })
    expect(await ran(['hijack', '-s', 'greet'])).toMatchObject({ status: 7 })
    expect(entered.at(-1)).toMatchObject({ path: 'sh', args: ['-c', expect.stringContaining('exec bash') as string] })
  })
})
