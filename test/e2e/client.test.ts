import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { startRegistry, type RunningRegistry } from '../../src/images/server/start-registry.ts'
import { startCollector, type Collector } from '../../src/telemetry/testing/collector.ts'
import { startPodman, type Podman } from '../services/podman.ts'
import { freePort } from '../services/ports.ts'
import { until } from '../services/wait.ts'
import { airside, type Running } from './airside.ts'
import { runFly } from './fly/terminal.ts'

/** From an empty server to a green build, to a failed one, to an aborted one, with `airside` alone. */
describe('airside web and its own commands', () => {
  let folder: string
  let podman: Podman
  let registry: RunningRegistry
  let collector: Collector
  let server: Running
  let url: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-client-'))
    podman = await startPodman()
    registry = await startRegistry({ dir: join(folder, 'registry') })
    const client = new RegistryClient({})
    await pushDemoImages(client, registry.host, '')
    await client.close()
    collector = await startCollector()
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    server = airside(['web', '--port', String(port), '--data', join(folder, 'data'), '--external-url', url, '--keep-for', '10m', '--tracing-otlp-endpoint', collector.url], { DOCKER_HOST: podman.dockerHost })
    await until('the server answers', async () => (await fetch(`${url}/health`)).ok)
    const task = (name: string, script: string) => `
  - task: ${name}
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: ${registry.host}/tools, tag: 1, insecure: true}}
      run: {path: sh, args: [-c, ${JSON.stringify(script)}]}`
    const image = { type: 'registry-image', source: { repository: `${registry.host}/tools`, tag: '1', insecure: true } }
    const sh = (script: string, fields: object = {}) => ({ platform: 'linux', image_resource: image, run: { path: 'sh', args: ['-c', script] }, ...fields })
    const child = { jobs: [{ name: 'greets', plan: [{ task: 'say', config: sh('echo ((greeting)) from the child') }] }] }
    // In two halves, so that the parent's own steps do not look the var up.
    const [before = '', after = ''] = JSON.stringify(child).split('(greeting))')
    const make = { task: 'make', params: { BEFORE: before, AFTER: `(greeting))${after}` }, config: sh('printf %s%s "$BEFORE" "$AFTER" > ci/child.yml', { outputs: [{ name: 'ci' }] }) }
    const sets = { set_pipeline: 'child', file: 'ci/child.yml', vars: { greeting: 'hello' } }
    const parent = (...plan: object[]) => JSON.stringify({ jobs: [{ name: 'configure', plan }] })
    await writeFile(join(folder, 'parent.yml'), parent(make, sets))
    await writeFile(join(folder, 'parent-without.yml'), parent(make))
    await writeFile(
      join(folder, 'pipeline.yml'),
      `var_sources: [{name: s, type: dummy, config: {vars: {token: hunter2-hunter2}}}]
resources:
- {name: image, type: registry-image, source: {repository: ${registry.host}/tools, tag: "1", insecure: true}}
jobs:
- name: unit
  plan:
  - {get: image}${task('greet', ': ((s:token)); echo hello from a task')}
- name: broken
  plan:${task('fail', 'echo going wrong; exit 3')}
- name: slow
  plan:${task('wait', 'echo waiting; sleep 600')}
`,
    )
  })

  afterAll(async () => {
    server.child.kill('SIGTERM')
    await server.ended
    await collector.close()
    await registry.stop()
    await podman.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const start = (...args: string[]): Running => airside(args, { HOME: folder, FLY_HOME: folder, AIRSIDE_TARGET: '' })
  const ran = (...args: string[]) => start(...args).ended

  test('a build is set, run and watched, another fails, another is aborted', async () => {
    const password = (await readFile(join(folder, 'data', 'admin-password'), 'utf8')).trim()
    expect(await ran('login', '-t', 'x', '-c', url, '-u', 'admin', '-p', password)).toMatchObject({ status: 0 })
    expect(await ran('set-pipeline', '-p', 'demo', '-c', join(folder, 'pipeline.yml'), '-n')).toMatchObject({ status: 0 })

    // Paused: the build waits, and says so.
    const waiting = start('trigger-job', '-j', 'demo/unit', '-w')
    await until('the reason is told', () => Promise.resolve(waiting.stderr().includes('waiting: the pipeline is paused')))
    expect(await ran('unpause-pipeline', '-p', 'demo')).toMatchObject({ status: 0 })
    const unit = await waiting.ended
    expect(unit.stdout).toMatch(/^started demo\/unit #1\n[\s\S]*hello from a task\r\nsucceeded\n$/)
    expect(unit.status).toBe(0)
    expect((await ran('watch', '-j', 'demo/unit')).stdout).toBe(unit.stdout.replace('started demo/unit #1\n', ''))

    const broken = await ran('trigger-job', '-j', 'demo/broken', '-w')
    expect(broken).toMatchObject({ status: 3, stdout: expect.stringMatching(/going wrong\r\n[\s\S]*failed\n$/) as string })

    const slow = start('trigger-job', '-j', 'demo/slow', '-w')
    await slow.until(/^waiting\r?$/m)
    expect(await ran('abort-build', '-j', 'demo/slow', '-b', '1')).toMatchObject({ status: 0, stdout: 'aborting demo/slow/1\n' })
    expect(await slow.ended).toMatchObject({ status: 3, stdout: expect.stringMatching(/aborted\n$/) as string })

    const jobs = JSON.parse((await ran('jobs', '-p', 'demo', '--json')).stdout) as { name: string; finished_build: { status: string } }[]
    expect(jobs.map(({ name, finished_build }) => [name, finished_build.status])).toEqual([['unit', 'succeeded'], ['broken', 'failed'], ['slow', 'aborted']])
    expect((await ran('builds')).stdout).toMatch(/demo\/slow\/1\s+aborted[\s\S]*demo\/broken\/1\s+failed[\s\S]*demo\/unit\/1\s+succeeded/)
  })

  test('what was done is traced: the request, the look of the scheduler, the build with its steps, and no secrets', async () => {
    const all = () => collector.spans
    const of = (job: string, name: string) => all().find((span) => span.name === name && span.attributes['pipeline'] === 'demo' && span.attributes['job'] === job)
    await until('the spans of the builds are there', () => Promise.resolve(of('unit', 'build') !== undefined && of('broken', 'build') !== undefined))
    const build = of('unit', 'build')
    expect(build).toMatchObject({ parentId: '', attributes: { team_name: 'main', build: '1', status: 'succeeded', resumed: false } })
    const steps = all().filter(({ traceId, parentId }) => traceId === build?.traceId && parentId === build.spanId)
    expect(steps.map(({ name, attributes }) => [name, attributes['name'], attributes['status']]).toSorted()).toEqual([['get', 'image', 'succeeded'], ['task', 'greet', 'succeeded']])
    const [task] = steps.filter(({ name }) => name === 'task')
    expect(all().filter(({ parentId }) => parentId === task?.spanId).map(({ name, attributes }) => [name, attributes['name'], attributes['type']])).toEqual([['check', 'image', 'registry-image']])
    expect(of('broken', 'task')).toMatchObject({ attributes: { name: 'fail', status: 'failed' } })
    expect(of('unit', 'schedule-job')).toMatchObject({ parentId: '', attributes: { team_name: 'main' } })
    expect(all().find(({ name }) => name === 'CreateJobBuild')).toMatchObject({ kind: 2, attributes: { team_name: 'main', pipeline: 'demo' } })
    const resource = all().find(({ name, attributes }) => name === 'build' && attributes['resource'] === 'image')
    expect(all().filter(({ parentId }) => parentId === resource?.spanId)).toMatchObject([{ name: 'check', attributes: { name: 'image', type: 'registry-image', status: 'succeeded' } }])
    const password = (await readFile(join(folder, 'data', 'admin-password'), 'utf8')).trim()
    for (const secret of ['hunter2', password, 'as_', 'asfy']) expect(JSON.stringify(all()).includes(secret), secret).toBe(false)
  })

  test('a task has folders of this machine as its input and output, and its exit status', async () => {
    const image = `{type: registry-image, source: {repository: ${registry.host}/tools, tag: "1", insecure: true}}`
    await writeFile(join(folder, 'task.yml'), `platform: linux\nimage_resource: ${image}\ninputs: [{name: in}]\noutputs: [{name: out}]\nparams: {CODE: ((code))}\nrun: {path: sh, args: [-c, 'echo "hello $(cat in/name) $0" | tee out/greeting; exit $CODE']}\n`)
    await mkdir(join(folder, 'in'))
    await writeFile(join(folder, 'in', 'name'), 'world')
    const execute = (code: number) => ran('execute', '-c', join(folder, 'task.yml'), '-i', `in=${join(folder, 'in')}`, '-o', `out=${join(folder, 'out')}`, '-v', `code=${code}`, '--', 'again')
    expect(await execute(4)).toMatchObject({ status: 4, stdout: expect.stringMatching(/^executing build \d+ at \S+\n[\s\S]*hello world again\r\n[\s\S]*failed\n$/) as string, stderr: expect.stringContaining('downloaded out to') as string })
    expect(await readFile(join(folder, 'out', 'greeting'), 'utf8')).toBe('hello world again\n')
  })

  test('a failed step is entered with pipes and with a terminal, which has the size of the one here', async () => {
    const env = { HOME: folder, FLY_HOME: folder, AIRSIDE_TARGET: '' }
    const container = ['hijack', '-j', 'demo/broken', '-b', '1', '-s', 'fail', '--', 'sh', '-c']
    expect(await airside([...container, 'read line; echo "got $line"; exit 7'], env, 'something\n').ended).toMatchObject({ status: 7, stdout: 'got something\n' })
    expect(await ran(...container.slice(0, -2), 'no-such-program')).toMatchObject({ status: 255, stderr: expect.stringMatching(/^executable file not found: .*no-such-program/) as string })
    const command = `stty cols 100 rows 30; exec ${join(import.meta.dirname, '..', '..', 'bin', 'airside')} -t x intercept ${container.slice(1).join(' ')} 'stty size; read line; exit 5'`
    const entered = await runFly({ fly: 'sh', folder, args: ['-c', command], terminal: true, typed: { after: '30 100', text: 'go\r' } })
    expect(entered, entered.out).toMatchObject({ status: 5, out: expect.stringContaining('step fail (task)') as string })
  })

  test('a job sets a pipeline, which runs, and is archived when the job sets it no more', async () => {
    expect(await ran('set-pipeline', '-p', 'parent', '-c', join(folder, 'parent.yml'), '-n')).toMatchObject({ status: 0 })
    expect(await ran('unpause-pipeline', '-p', 'parent')).toMatchObject({ status: 0 })
    const sets = await ran('trigger-job', '-j', 'parent/configure', '-w')
    expect(sets).toMatchObject({ status: 0, stdout: expect.stringMatching(/job greets has been added:[\s\S]*setting pipeline: child\ndone\nsucceeded\n$/) as string })
    expect(await ran('trigger-job', '-j', 'child/greets', '-w')).toMatchObject({ status: 0, stdout: expect.stringContaining('hello from the child') as string })
    expect((await ran('trigger-job', '-j', 'parent/configure', '-w')).stdout).toContain('no changes to apply.')

    expect(await ran('set-pipeline', '-p', 'other', '-c', join(folder, 'parent-without.yml'), '--dry-run')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('job configure is new\nnothing was set (--dry-run)\n') as string,
    })
    expect(await ran('set-pipeline', '-p', 'parent', '-c', join(folder, 'parent-without.yml'), '-n')).toMatchObject({ status: 0 })
    expect(await ran('trigger-job', '-j', 'parent/configure', '-w')).toMatchObject({ status: 0 })
    expect(await ran('get-pipeline', '-p', 'child')).toMatchObject({ status: 1, stderr: expect.stringContaining('there is no pipeline child') as string })
  })

  test('a resource is checked, its versions are listed, pinned and disabled; a build is run again; a pipeline is removed', async () => {
    expect((await ran('resources', '-p', 'demo')).stdout).toMatch(/^image\s+registry-image\s+n\/a\s+\d{4}-/m)
    expect(await ran('check-resource', '-r', 'demo/image')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^checking demo\/image in build \d+\n[\s\S]*succeeded\n$/) as string })
    const [{ version }] = JSON.parse((await ran('resource-versions', '-r', 'demo/image', '--json')).stdout) as [{ version: { digest: string } }]
    const named = `digest:${version.digest}`
    expect(await ran('pin-resource', '-r', 'demo/image', '-v', named)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^pinned .*of demo\/image\n$/) as string })
    expect((await ran('resources', '-p', 'demo')).stdout).toContain(version.digest)
    expect(await ran('unpin-resource', '-r', 'demo/image')).toMatchObject({ status: 0 })
    expect(await ran('disable-resource-version', '-r', 'demo/image', '-v', named)).toMatchObject({ status: 0 })
    expect((await ran('resource-versions', '-r', 'demo/image')).stdout).toMatch(/\s+no\n$/)
    expect(await ran('enable-resource-version', '-r', 'demo/image', '-v', named)).toMatchObject({ status: 0 })
    expect(await ran('pin-resource', '-r', 'demo/image', '-v', 'digest:none')).toMatchObject({ status: 1, stderr: expect.stringContaining('has no version digest:none') as string })
    expect(await ran('check-resource', '-r', 'demo/none')).toMatchObject({ status: 1, stderr: 'there is no resource demo/none\n' })

    expect(await ran('rerun-build', '-j', 'demo/unit', '-b', '1', '-w')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^started demo\/unit #1\.1\n[\s\S]*succeeded\n$/) as string })
    expect(await ran('destroy-pipeline', '-p', 'demo')).toMatchObject({ status: 2 })
    expect(await ran('destroy-pipeline', '-p', 'demo', '-n')).toMatchObject({ status: 0, stdout: 'removed demo\n' })
    expect((await ran('pipelines')).stdout).not.toMatch(/^demo\s/m)
  })
})
