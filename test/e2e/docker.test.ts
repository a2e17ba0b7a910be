import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { startRegistry, type RunningRegistry } from '../../src/images/server/start-registry.ts'
import { startPodman, type Podman } from '../services/podman.ts'
import { freePort } from '../services/ports.ts'
import { until } from '../services/wait.ts'
import { airside } from './airside.ts'

describe('airside run, as a user has it', () => {
  let folder: string
  let podman: Podman
  let registry: RunningRegistry

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-e2e-'))
    podman = await startPodman()
    registry = await startRegistry({ dir: join(folder, 'registry') })
    const client = new RegistryClient({})
    await pushDemoImages(client, registry.host, '')
    await client.close()
  })

  afterAll(async () => {
    await registry.stop()
    await podman.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (...args: string[]) => airside(args, { DOCKER_HOST: podman.dockerHost })

  async function pipeline(name: string, ...tasks: { script: string; more?: string }[]): Promise<string> {
    const file = join(folder, `${name}.yml`)
    const steps = tasks.map(
      ({ script, more = '' }, index) => `
  - task: task-${index}
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: ${registry.host}/tools, tag: 1, insecure: true}}
      ${more}
      run: {path: sh, args: [-c, ${JSON.stringify(script)}]}`,
    )
    await writeFile(file, `jobs:\n- name: job\n  plan:${steps.join('')}\n`)
    return file
  }

  const noContainers = () => expect.poll(() => podman.podman(['ps', '-aq'])).toBe('')

  test("a task's exit status is the command's", async () => {
    const file = await pipeline('seven', { script: 'echo here; exit 7' })
    const ended = await run('run', file, '--data', join(folder, 'seven')).ended
    expect(ended.status, ended.stderr).toBe(7)
    expect(ended.stdout).toMatch(/^here\r?$/m)
    expect(ended.stdout).toMatch(/failed\n$/)
    await noContainers()
  })

  test('killed with -9 and resumed: it goes on, each line is there once, and the step ran once', async () => {
    const data = join(folder, 'killed')
    const file = await pipeline(
      'count',
      { script: 'i=1; while [ $i -le 30 ]; do echo "line $i"; echo $i >> out/n; i=$((i+1)); sleep 0.1; done', more: 'outputs: [{name: out}]' },
      { script: 'echo "written $(wc -l < out/n)"', more: 'inputs: [{name: out}]' },
    )
    const first = run('run', file, '--data', data)
    await first.until(/line 5\b/)
    first.child.kill('SIGKILL')
    await first.ended
    const second = await run('run', '--resume', '--data', data).ended
    expect(second.status, second.stderr).toBe(0)
    const lines = second.stdout.split(/\r?\n/).filter((line) => /^(line|written) /.test(line))
    expect(lines).toEqual([...Array.from({ length: 30 }, (_, index) => `line ${index + 1}`), 'written 30'])
    await noContainers()
    const cleaned = await run('clean', '--artifacts', '--data', data).ended
    expect(cleaned.stdout, cleaned.stderr).toMatch(/removed 1 artifact that nothing refers to \(0\.0 MB\)/)
  })

  test('killed with -9 and taken over by airside web on the same data', async () => {
    const data = join(folder, 'taken-over')
    const file = await pipeline('web', { script: 'for i in 1 2 3 4 5 6 7 8 9 10; do echo "line $i"; sleep 0.3; done' })
    const first = run('run', file, '--data', data)
    await first.until(/line 3\b/)
    first.child.kill('SIGKILL')
    await first.ended
    const port = String(await freePort())
    const web = run('web', '--data', data, '--port', port)
    await until('/health answers', async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.status === 200)
    await until('no container is left', async () => (await podman.podman(['ps', '-aq'])) === '')
    web.child.kill('SIGTERM')
    expect((await web.ended).status).toBe(0)
    const cleaned = await run('clean', '--data', data).ended
    expect(cleaned.stdout).not.toContain('unfinished')
    const nothing = await run('run', '--resume', '--data', data).ended
    expect(nothing.stderr).toContain('there is no unfinished build')
  })

  test('killed with -9 and given up: clean --all --force removes its containers, and refuses without --force', async () => {
    const data = join(folder, 'given-up')
    const file = await pipeline('given-up', { script: 'echo ready; sleep 1000' }, { script: 'true' })
    const first = run('run', file, '--data', data)
    await first.until(/ready/)
    first.child.kill('SIGKILL')
    await first.ended
    const refused = await run('clean', '--all', '--data', data).ended
    expect({ status: refused.status, stderr: refused.stderr }).toEqual({ status: 2, stderr: expect.stringContaining('--force removes them') as string })
    expect(await podman.podman(['ps', '-q'])).not.toBe('')
    const collected = await run('clean', '--artifacts', '--data', data).ended
    expect(collected.stdout, collected.stderr).toContain('builds wait to be resumed: only what has not been needed for two days was removed')
    const cleaned = await run('clean', '--all', '--force', '--data', data).ended
    expect(cleaned.status, cleaned.stderr).toBe(0)
    expect(cleaned.stdout).toMatch(/removed container given-up-job-b\d+-task-[0-9a-f]+ of a build that did not remove it/)
    await noContainers()
  })

  test('Ctrl-C aborts: the process and its grandchild see a TERM, the exit status is 3', async () => {
    const file = await pipeline('abort', {
      script: `sh -c 'trap "echo grandchild saw TERM; exit" TERM; echo ready; while :; do sleep 0.1; done' & wait; wait`,
    })
    const running = run('run', file, '--data', join(folder, 'abort'))
    await running.until(/ready/)
    running.child.kill('SIGINT')
    const ended = await running.ended
    expect(ended.status, ended.stderr).toBe(3)
    expect(ended.stdout).toContain('grandchild saw TERM')
    expect(ended.stdout).toMatch(/aborted\n$/)
    await noContainers()
  })

  test('an image that is not there errors by its check, and names image and registry', async () => {
    const file = join(folder, 'missing.yml')
    const text = await readFile(await pipeline('missing', { script: 'true' }), 'utf8')
    await writeFile(file, text.replace('/tools,', '/no-such-image,'))
    const ended = await run('run', file, '--data', join(folder, 'missing')).ended
    expect(ended.status).toBe(2)
    expect(ended.stdout).toMatch(/no-such-image/)
    expect(ended.stdout).toContain(registry.host)
    expect(ended.stdout + ended.stderr).not.toMatch(/^\s+at /m)
  })

  const badResources: readonly [string, string, RegExp][] = [
    ['prints garbage', 'cat >/dev/null; echo this is no JSON', /\/opt\/resource\/in printed something on stdout that is not JSON: .*this is no JSON/],
    ['prints nothing', 'cat >/dev/null', /\/opt\/resource\/in printed nothing/],
    ['prints 50 MB', 'cat >/dev/null; head -c 50000000 /dev/zero', /response|larger|bytes/],
    ['fails', 'cat >/dev/null; echo no such ref >&2; exit 4', /no such ref[^]*failed/],
  ]
  test.each(badResources)('a resource script that %s', async (name, body, words) => {
    const entries = [
      { type: 'directory' as const, path: 'opt' },
      { type: 'directory' as const, path: 'opt/resource' },
      { type: 'file' as const, path: 'opt/resource/in', mode: 0o755, content: `#!/bin/sh\n${body}\n` },
    ]
    const client = new RegistryClient({})
    const repository = `bad-${name.replaceAll(' ', '-').toLowerCase()}`
    await pushDemoImages(client, registry.host, '', { repository, entries })
    await client.close()
    const file = join(folder, `${repository}.yml`)
    await writeFile(
      file,
      `resource_types:
- {name: bad, type: registry-image, source: {repository: ${registry.host}/${repository}, insecure: true}}
resources:
- {name: thing, type: bad, source: {}, version: {n: "1"}}
jobs:
- {name: job, plan: [{get: thing}]}
`,
    )
    const ended = await run('run', file, '--data', join(folder, repository)).ended
    expect(ended.status, ended.stdout + ended.stderr).toBe(name === 'fails' ? 1 : 2)
    expect(ended.stdout).toMatch(words)
    expect(ended.stdout.length).toBeLessThan(20_000)
    expect(ended.stdout + ended.stderr).not.toMatch(/^\s+at .*:\d+/m)
    await noContainers()
  })

  test('a cache that a run saved is there for the next one, whichever runs go on beside it', async () => {
    const data = join(folder, 'beside')
    const long = await pipeline('long', { script: 'echo ready; sleep 1000' })
    const cached = await pipeline('cached', { script: 'echo "found: $(ls c)"; date > c/saved', more: 'caches: [{path: c}]' })
    const found = async (): Promise<string | undefined> => {
      const ended = await run('run', cached, '--data', data).ended
      expect(ended.status, ended.stderr).toBe(0)
      return /^found:.*$/m.exec(ended.stdout)?.[0].trim()
    }
    const beside = run('run', long, '--data', data)
    await beside.until(/ready/)
    expect(await found()).toBe('found:')
    expect(await found()).toBe('found: saved')
    beside.child.kill('SIGINT')
    await beside.ended
    expect(await found()).toBe('found: saved')
  })

  test('privileged: true is refused in words before anything runs, and allowed by --allow-privileged', async () => {
    const file = await pipeline('privileged', { script: 'mkdir -p /mnt && mount -t tmpfs none /mnt && echo mounted' })
    await writeFile(file, (await readFile(file, 'utf8')).replace('- task: task-0\n', '- task: task-0\n    privileged: true\n'))
    const refused = await run('run', file, '--data', join(folder, 'privileged')).ended
    expect({ status: refused.status, stdout: refused.stdout }).toEqual({ status: 2, stdout: '' })
    expect(refused.stderr).toMatch(/privileged: true is not allowed here.*Whoever runs Airside can allow it.*--allow-privileged[^]*- task task-0/)
    const allowed = await run('run', file, '--data', join(folder, 'privileged'), '--allow-privileged').ended
    expect({ status: allowed.status, ran: /^mounted\r?$/m.test(allowed.stdout) }, allowed.stderr).toEqual({ status: 0, ran: true })
  })

  test('a policy server is asked about the image, and what it says is done; without it no image is used', async () => {
    const asked: { input: { action: string; data: { image_source: object } } }[] = []
    let result: object = { allowed: true }
    const server = createServer((request, response) => {
      void (async () => {
        asked.push((await json(request)) as (typeof asked)[number])
        response.end(JSON.stringify({ result }))
      })()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const file = await pipeline('policy', { script: 'echo ran' })
    const decided = (data: string) => run('run', file, '--data', join(folder, data), '--image-policy-url', `http://127.0.0.1:${port}/v1/data/images`).ended
    const allowed = await decided('allowed')
    expect({ status: allowed.status, ran: /^ran\r?$/m.test(allowed.stdout) }, allowed.stdout).toEqual({ status: 0, ran: true })
    expect(asked[0]?.input).toMatchObject({ action: 'UseImage', team: 'main', pipeline: 'policy', data: { image_type: 'registry-image', image_source: { repository: `${registry.host}/tools` }, privileged: false } })
    result = { allowed: false, reasons: ['tools are not for you'] }
    const denied = await decided('denied')
    expect({ status: denied.status, ran: /^ran\r?$/m.test(denied.stdout) }, denied.stdout).toEqual({ status: 2, ran: false })
    expect(denied.stdout).toContain(`the image policy denies ${registry.host}/tools:1@sha256:`)
    expect(denied.stdout).toContain('tools are not for you')
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    const alone = await decided('alone')
    expect(alone.status).toBe(2)
    expect(alone.stdout).toContain(`the policy server 127.0.0.1:${port} could not be asked: `)
    await noContainers()
  })

  test('an output that is removed, a var that nobody gave, a task file that is not there', async () => {
    const gone = await run('run', await pipeline('gone', { script: 'rmdir out', more: 'outputs: [{name: out}]' }), '--data', join(folder, 'gone')).ended
    // As Concourse has it: an empty output.
    expect({ status: gone.status, words: /output out: /.test(gone.stdout) }, gone.stdout).toEqual({ status: 0, words: false })
    const vars = await run('run', await pipeline('vars', { script: 'echo', more: 'params: {A: ((nobody)), B: ((knows.this))}' }), '--data', join(folder, 'vars')).ended
    expect({ status: vars.status, words: vars.stdout.includes('undefined vars: knows.this, nobody') }, vars.stdout).toEqual({ status: 2, words: true })
    const file = join(folder, 'task-file.yml')
    await writeFile(file, 'resources:\n- {name: repo, type: git, source: {}}\njobs:\n- name: job\n  plan:\n  - get: repo\n  - {task: t, file: repo/ci/nope.yml}\n')
    const missing = await run('run', file, '--data', join(folder, 'task-file'), '--input', `repo=${join(import.meta.dirname, '..', 'scenarios', 'files')}`).ended
    expect({ status: missing.status, words: missing.stdout.includes(`file 'ci/nope.yml' not found within artifact 'repo'`) }, missing.stdout).toEqual({ status: 2, words: true })
  })

  test('values of --var are in no log and in no file of the data folder', async () => {
    const canary = 'canary-4f1c9e27'
    const file = await pipeline('secret', { script: 'echo "it is $TOKEN"', more: 'params: {TOKEN: ((token))}' })
    const data = join(folder, 'secret')
    const ended = await run('run', file, '--data', data, '--var', `token=${canary}`).ended
    expect(ended.status, ended.stderr).toBe(0)
    expect(ended.stdout).toContain('it is ((redacted))')
    expect(ended.stdout + ended.stderr).not.toContain(canary)
    expect(spawnSync('grep', ['-rla', canary, data], { encoding: 'utf8' }).stdout).toBe('')
  })
})
