import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { startRegistry, type RunningRegistry } from '../../src/images/server/start-registry.ts'
import { startPodman, type Podman } from '../services/podman.ts'
import { freePort } from '../services/ports.ts'
import { until } from '../services/wait.ts'
import { airside, type Running } from './airside.ts'

const fly = process.env['FLY']

/** With FLY=/path/to/fly, of Concourse 8.2: a session as its user has it. */
describe('the real fly', { timeout: 120_000 }, () => {
  let folder: string
  let podman: Podman
  let registry: RunningRegistry
  let server: Running
  let url: string
  let image: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-fly-'))
    podman = await startPodman()
    registry = await startRegistry({ dir: join(folder, 'registry') })
    const client = new RegistryClient({})
    await pushDemoImages(client, registry.host, '')
    await client.close()
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    server = airside(['web', '--port', String(port), '--data', join(folder, 'data'), '--external-url', url], { DOCKER_HOST: podman.dockerHost })
    await until('the server answers', 60, async () => (await fetch(`${url}/health`)).ok)
    image = `{type: registry-image, source: {repository: ${registry.host}/tools, tag: 1, insecure: true}}`
    const task = (name: string, script: string) => `
  - task: ${name}
    config:
      platform: linux
      image_resource: ${image}
      run: {path: sh, args: [-c, ${JSON.stringify(script)}]}`
    await writeFile(
      join(folder, 'pipeline.yml'),
      `resources:
- {name: image, type: registry-image, webhook_token: hooked, source: {repository: ${registry.host}/tools, tag: "1", insecure: true}}
jobs:
- name: unit
  plan:
  - {get: image}${task('greet', 'echo hello from a task')}
- name: deploy
  plan:
  - {get: image, passed: [unit]}${task('deploy', 'echo deployed')}
- name: broken
  plan:${task('fail', 'echo going wrong; exit 3')}
- name: matrix
  plan:${task('built-((.:os))-((.:arch))', 'echo combination $OS $ARCH')}
    params: {OS: ((.:os)), ARCH: ((.:arch))}
    across:
    - {var: os, values: [alpine, debian], max_in_flight: all}
    - {var: arch, values: [amd64, arm64], max_in_flight: 1}
    fail_fast: true
- name: slow
  plan:${task('wait', 'echo waiting; sleep 600')}
`,
    )
  }, 300_000)

  afterAll(async () => {
    server.child.kill('SIGTERM')
    await server.ended
    await registry.stop()
    await podman.stop()
    await rm(folder, { recursive: true, force: true })
  })

  interface Ran {
    readonly status: number | null
    readonly out: string
  }
  const lines: string[] = []

  /** `input` answers its questions. `onOutput` sees all that was printed so far. */
  function run(args: readonly string[], { input = '', onOutput }: { input?: string; onOutput?: (out: string) => void } = {}): Promise<Ran> {
    const child = spawn(fly as string, args, { env: { ...process.env, HOME: folder }, stdio: 'pipe' })
    let out = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        out += text
        onOutput?.(out)
      })
    }
    child.stdin.end(input)
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (status) => {
        lines.push(`$ fly ${args.join(' ')}`, out.trimEnd(), `[${status}]`)
        resolve({ status, out })
      })
    })
  }

  test('logs in, sets a pipeline, triggers its jobs and watches them', async () => {
    const pipeline = join(folder, 'pipeline.yml')
    const password = (await readFile(join(folder, 'data', 'admin-password'), 'utf8')).trim()
    try {
      const wrong = await run(['login', '-t', 'x', '-c', url, '-u', 'admin', '-p', 'wrong'])
      expect(wrong).toMatchObject({ status: 1 })
      expect(wrong.out).toContain('Invalid username or password')
      expect(await run(['login', '-t', 'x', '-c', url, '-u', 'admin', '-p', password])).toMatchObject({ status: 0 })
      expect((await run(['-t', 'x', 'status'])).out).toContain('logged in successfully')

      const set = await run(['-t', 'x', 'set-pipeline', '-p', 'demo', '-c', pipeline, '-n'])
      expect(set).toMatchObject({ status: 0 })
      expect(set.out).toContain('pipeline created!')
      const again = await run(['-t', 'x', 'set-pipeline', '-p', 'demo', '-c', pipeline, '-n'])
      expect(again.out).toContain('no changes to apply')
      const got = await run(['-t', 'x', 'get-pipeline', '-p', 'demo'])
      await writeFile(join(folder, 'got.yml'), got.out)
      expect((await run(['-t', 'x', 'set-pipeline', '-p', 'demo', '-c', join(folder, 'got.yml'), '-n'])).out).toContain('no changes to apply')
      expect((await run(['-t', 'x', 'unpause-pipeline', '-p', 'demo'])).out).toContain("unpaused 'demo'")
      expect((await run(['-t', 'x', 'pipelines'])).out).toMatch(/demo\s+no\s+no/)

      const checked = await run(['-t', 'x', 'check-resource', '-r', 'demo/image'])
      expect(checked.out).toMatch(/checking .*demo\/image.* in build \d+[\s\S]*succeeded/)
      expect(checked).toMatchObject({ status: 0 })
      expect((await run(['-t', 'x', 'resource-versions', '-r', 'demo/image'])).out).toMatch(/tag:1/)
      expect((await run(['-t', 'x', 'check-resource', '-r', 'demo/gone'])).out).toContain('not found')
      const hook = (token: string) => fetch(`${url}/api/v1/teams/main/pipelines/demo/resources/image/check/webhook?webhook_token=${token}`, { method: 'POST' })
      expect([(await hook('wrong')).status, (await hook('hooked')).status]).toEqual([401, 201])

      const deploy = await run(['-t', 'x', 'trigger-job', '-j', 'demo/deploy'])
      expect(deploy.out).toContain('started demo/deploy #1')
      const unit = await run(['-t', 'x', 'trigger-job', '-j', 'demo/unit', '-w'])
      expect(unit.out).toContain('hello from a task')
      expect(unit).toMatchObject({ status: 0 })
      // It has waited for a version that passed unit, and goes on now that there is one.
      const deployed = await run(['-t', 'x', 'watch', '-j', 'demo/deploy'])
      expect(deployed.out).toContain('deployed')
      expect(deployed).toMatchObject({ status: 0 })
      expect(await run(['-t', 'x', 'trigger-job', '-j', 'demo/broken', '-w'])).toMatchObject({ status: 3 })
      expect(await run(['-t', 'x', 'watch', '-j', 'demo/broken', '-b', '1'])).toMatchObject({ status: 3 })

      const matrix = await run(['-t', 'x', 'trigger-job', '-j', 'demo/matrix', '-w'])
      for (const combination of ['alpine amd64', 'alpine arm64', 'debian amd64', 'debian arm64']) expect(matrix.out).toContain(`combination ${combination}`)
      expect(matrix).toMatchObject({ status: 0 })

      await mkdir(join(folder, 'in'))
      await writeFile(join(folder, 'in', 'name'), 'world')
      await writeFile(
        join(folder, 'task.yml'),
        `platform: linux\nimage_resource: ${image}\ninputs: [{name: in}]\noutputs: [{name: out}]\nrun: {path: sh, args: [-c, 'echo "hello $(cat in/name)" | tee out/greeting']}\n`,
      )
      const executed = await run(['-t', 'x', 'execute', '-c', join(folder, 'task.yml'), '-i', `in=${join(folder, 'in')}`, '-o', `out=${join(folder, 'out')}`])
      expect(executed).toMatchObject({ status: 0, out: expect.stringContaining('hello world') as string })
      expect(await readFile(join(folder, 'out', 'greeting'), 'utf8')).toBe('hello world\n')

      let aborting: Promise<Ran> | undefined
      let entered: Ran | undefined
      const enterAndAbort = async (): Promise<Ran> => {
        entered = await run(['-t', 'x', 'intercept', '-j', 'demo/slow', '-b', '1', '-s', 'wait', '--', 'sh', '-c', 'read line; echo "got $line"; exit 7'], { input: 'something\n' })
        return run(['-t', 'x', 'abort-build', '-j', 'demo/slow', '-b', '1'])
      }
      const slow = await run(['-t', 'x', 'trigger-job', '-j', 'demo/slow', '-w'], {
        onOutput: (out) => {
          if (/^waiting/m.test(out)) aborting ??= enterAndAbort()
        },
      })
      expect(slow).toMatchObject({ status: 3 })
      expect((await aborting)?.out).toContain('build successfully aborted')
      expect(entered).toMatchObject({ status: 7, out: expect.stringContaining('got something') as string })
      expect((await run(['-t', 'x', 'workers'])).out).toMatch(/docker\s+\d+\s+linux/)
      expect(await run(['-t', 'x', 'containers'])).toMatchObject({ status: 0 })
      expect((await run(['-t', 'x', 'volumes'])).out).toMatch(/docker\s+artifact/)
      expect((await run(['-t', 'x', 'resources', '-p', 'demo'])).out).toMatch(/image\s+registry-image/)
      expect((await run(['-t', 'x', 'resource-versions', '-r', 'demo/image'])).out).toMatch(/digest:sha256:\w+/)
      const rerun = await run(['-t', 'x', 'rerun-build', '-j', 'demo/unit', '-b', '1', '-w'])
      expect(rerun).toMatchObject({ status: 0, out: expect.stringContaining('hello from a task') as string })

      const admins = await run(['-t', 'x', 'set-team', '-n', 'web', '--local-user', 'jo', '--non-interactive'])
      expect(admins.out).toContain('team created')
      expect((await run(['-t', 'x', 'teams'])).out).toMatch(/main[\s\S]*web/)
      expect((await run(['-t', 'x', 'rename-team', '-o', 'web', '-n', 'site'])).out).toContain('Team successfully renamed to site')
      expect((await run(['-t', 'x', 'destroy-team', '-n', 'site', '--non-interactive'])).out).toContain('`site` deleted')
      expect(await run(['-t', 'x', 'set-wall', '-m', 'down at noon'])).toMatchObject({ status: 0 })
      expect((await run(['-t', 'x', 'get-wall'])).out).toContain('down at noon')
      expect((await run(['-t', 'x', 'active-users'])).out).toMatch(/admin\s+local/)
      expect((await run(['-t', 'x', 'rename-pipeline', '-o', 'demo', '-n', 'shown'])).out).toMatch(/pipeline successfully renamed to .*shown/)
      expect((await run(['-t', 'x', 'rename-pipeline', '-o', 'shown', '-n', 'demo'])).status).toBe(0)

      const builds = await run(['-t', 'x', 'builds'])
      expect(builds.out).toMatch(/demo\/slow\/1\s+aborted[\s\S]*demo\/broken\/1\s+failed[\s\S]*demo\/unit\/1\s+succeeded/)
      expect((await run(['-t', 'x', 'jobs', '-p', 'demo'])).out).toMatch(/unit\s+no\s+succeeded/)
      expect(await run(['-t', 'x', 'trigger-job', '-j', 'demo/nothing'])).toMatchObject({ status: 1 })
      expect((await run(['-t', 'x', 'archive-pipeline', '-p', 'demo', '-n'])).out).toContain("archived 'demo'")
      expect((await run(['-t', 'x', 'destroy-pipeline', '-p', 'demo', '-n'])).out).toContain('`demo` deleted')
      expect((await run(['-t', 'x', 'logout'])).out).toContain('logged out of target: x')
    } finally {
      if (process.env['FLY_TRANSCRIPT'] !== undefined) await writeFile(process.env['FLY_TRANSCRIPT'], `${lines.join('\n')}\n`)
    }
  })
})
