import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { startRegistry, type RunningRegistry } from '../../src/images/server/start-registry.ts'
import { must } from '../services/command.ts'
import { startPodman, type Podman } from '../services/podman.ts'
import { until } from '../services/wait.ts'
import { airside } from './airside.ts'

const program = join(import.meta.dirname, '..', '..', 'bin', 'airside')

describe('airside intercept, as a user has it', () => {
  let folder: string
  let podman: Podman
  let registry: RunningRegistry

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-intercept-'))
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

  // Whatever a test that failed has left would be the next one's trouble.
  afterEach(async () => {
    await podman.podman(['rm', '--all', '--force', '--time', '0'])
  })

  const run = (...args: string[]) => airside(args, { DOCKER_HOST: podman.dockerHost })
  const containers = async () => (await podman.podman(['ps', '-aq'])).split('\n').filter((line) => line !== '')

  async function pipeline(name: string, steps: readonly { readonly name: string; readonly script: string }[], around = (tasks: string) => tasks): Promise<string> {
    const tasks = steps.map(
      (step) =>
        `{task: ${step.name}, config: {platform: linux, image_resource: {type: registry-image, source: {repository: ${registry.host}/tools, tag: 1, insecure: true}}, ` +
        `params: {TOKEN: ((token))}, run: {path: sh, args: [-c, ${JSON.stringify(step.script)}]}}}`,
    )
    const file = join(folder, `${name}.yml`)
    await writeFile(file, `jobs:\n- name: job\n  plan:\n  - ${around(tasks.join('\n  - '))}\n`)
    return file
  }

  /** With pipes, as in a script. */
  function piped(input: string, ...args: string[]) {
    const child = spawn(program, ['intercept', ...args], { env: { ...process.env, NO_COLOR: '1', DOCKER_HOST: podman.dockerHost }, stdio: 'pipe' })
    onTestFailed(() => console.error(`intercept ${args.join(' ')} ${child.exitCode === null ? 'runs' : 'has ended'}`))
    return ended(child, input)
  }

  function ended(child: ReturnType<typeof spawn>, input?: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    if (input !== undefined) child.stdin?.end(input)
    return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })))
  }

  /** At a terminal, whose name it tells first. */
  function atTerminal(...args: string[]) {
    const command = `stty rows 30 cols 90; tty; exec ${[program, 'intercept', ...args].map((word) => `'${word}'`).join(' ')}`
    const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...process.env, DOCKER_HOST: podman.dockerHost, TERM: 'vt100' }, stdio: 'pipe' })
    let screen = ''
    onTestFailed(() => console.error(`the terminal of ${args.join(' ')}:\n${screen}`))
    const watchers = new Set<() => void>()
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text
      for (const look of watchers) look()
    })
    const end = new Promise<number | null>((resolve) => child.on('close', resolve))
    return {
      end,
      screen: () => screen,
      type: (text: string) => child.stdin.write(text),
      shows: (pattern: RegExp) =>
        new Promise<RegExpExecArray>((resolve, reject) => {
          const look = (): void => {
            const found = pattern.exec(screen)
            if (found === null) return
            watchers.delete(look)
            resolve(found)
          }
          watchers.add(look)
          void end.then(() => reject(new Error(`it ended before ${String(pattern)} was there:\n${screen}`)))
          look()
        }),
    }
  }

  test('a running step is entered: with pipes, at a terminal, by several at once; its log and its end know nothing of it', async () => {
    const data = join(folder, 'running')
    const file = await pipeline('running', [{ name: 'sleeps', script: 'echo ready; touch here; until test -e go; do sleep 0.05; done; echo went' }])
    const build = run('run', file, '--data', data, '--var', 'token=of-the-step')
    await build.until(/ready/)

    const looked = await piped('typed', '--data', data, '--step', 'sleeps', '--', 'sh', '-c', 'ls; cat; echo "$TOKEN" >&2; exit 7')
    expect(looked).toEqual({ status: 7, stdout: 'here\ntyped', stderr: 'of-the-step\n' })
    const killed = await piped('', '--data', data, '--', 'sh', '-c', 'kill -9 $$')
    expect(killed.status).toBe(137)

    const terminal = atTerminal('--data', data)
    const [, tty = ''] = await terminal.shows(/^(\/dev\/\S+)/)
    await terminal.shows(/step sleeps \(task\), running/)
    terminal.type('echo "$TERM $(stty size)"\n')
    await terminal.shows(/vt100 30 90/)
    await must('stty', ['-F', tty, 'rows', '50', 'cols', '132'])
    terminal.type('stty size\n')
    await terminal.shows(/50 132/)
    // Ctrl-C is the shell's, not ours.
    terminal.type("echo sl''eeps; sleep 1000\n")
    await terminal.shows(/^sleeps/m)
    terminal.type('\u0003')
    terminal.type('echo "after $?"\n')
    await terminal.shows(/after 130/)

    const none = await piped('', '--data', data, '--step', 'wakes')
    expect(none.status).toBe(255)
    expect(none.stderr).toMatch(/no such container\nthese can be entered:\n {2}build \d+, running\/job, step sleeps \(task\), running {3}\S+\n$/)

    terminal.type('touch go; exit 4\n')
    expect(await terminal.end, terminal.screen()).toBe(4)
    const over = await build.ended
    expect(over.status, over.stderr).toBe(0)
    expect(over.stdout).toMatch(/ready\r?\nwent\r?\nsucceeded\n$/)
    await expect.poll(containers).toEqual([])
  })

  test('whoever is in a container when its step ends is told so, and holds nothing', async () => {
    const data = join(folder, 'ends')
    const file = await pipeline('ends', [{ name: 'ends', script: 'echo ready; until test -e go; do sleep 0.05; done' }])
    const build = run('run', file, '--data', data, '--var', 'token=x')
    await build.until(/ready/)
    const terminal = atTerminal('--data', data, '--', 'sh', '-c', 'trap "" HUP TERM; touch go; while :; do sleep 1; done')
    expect((await build.ended).status).toBe(0)
    expect(await terminal.end).toBe(255)
    expect(terminal.screen()).toMatch(/its step is over/)
    await expect.poll(containers).toEqual([])
  })

  test('a failed step that is kept is entered after the run has ended, and removed by clean', async () => {
    const data = join(folder, 'kept')
    const file = await pipeline('kept', [{ name: 'fails', script: 'echo left > note; exit 3' }])
    const build = await run('run', file, '--data', data, '--keep', '--var', 'token=of-the-step').ended
    expect(build.status).toBe(3)
    const advice = /kept for 1h[^]*airside (intercept \d+ --step fails --data \S+) {3}enters it[^]*airside (clean --kept --data \S+) {3}removes it/.exec(build.stdout)
    expect(advice, build.stdout).not.toBeNull()
    expect(await containers()).toHaveLength(1)

    // A run that comes after it takes the same database, and leaves the container alone.
    const next = await run('run', await pipeline('next', [{ name: 'fine', script: 'true' }]), '--data', data, '--var', 'token=x').ended
    expect(next.status, next.stderr).toBe(0)

    const [command = ''] = advice?.slice(1) ?? []
    const entered = await piped('', ...command.split(' ').slice(1), '--', 'sh', '-c', 'cat note; echo "$TOKEN"; exit 6')
    expect(entered).toEqual({ status: 6, stdout: 'left\nof-the-step\n', stderr: '' })
    // Two at once: the second goes through the process of the first.
    const first = atTerminal('--data', data)
    first.type('echo first $((40 + 2))\n')
    await first.shows(/first 42/)
    expect((await piped('echo second', '--data', data)).stdout).toBe('second\n')
    first.type('exit\n')
    expect(await first.end).toBe(0)

    const told = await run('clean', '--data', data).ended
    expect(told.stdout).toMatch(/step fails \(task\), kept/)
    expect(await containers()).toHaveLength(1)
    const cleaned = await run('clean', '--kept', '--data', data).ended
    expect(cleaned.stdout).toMatch(/removed the container/)
    await expect.poll(containers).toEqual([])
    const none = await piped('', '--data', data)
    expect(none.stderr).toMatch(/there is none to enter/)
  })

  test('of several kept containers one is named or asked for', async () => {
    const data = join(folder, 'several')
    const steps = ['one', 'two'].map((name) => ({ name, script: `echo ${name} > note; exit 1` }))
    const file = await pipeline('several', steps, (tasks) => `in_parallel: [${tasks.replaceAll('\n  - ', ', ')}]`)
    await run('run', file, '--data', data, '--keep', '--var', 'token=x').ended
    const both = await piped('', '--data', data, '--', 'cat', 'note')
    expect(both.status).toBe(255)
    expect(both.stderr).toMatch(/several containers match[^]*1: [^]*step one[^]*2: [^]*step two/)
    expect(await piped('', '--data', data, '--step', 'two', '--', 'cat', 'note')).toEqual({ status: 0, stdout: 'two\n', stderr: '' })
    const terminal = atTerminal('--data', data, '--', 'cat', 'note')
    const [, number = ''] = await terminal.shows(/(\d): build [^\n]*step one[^]*which container\?/)
    terminal.type(`${number}\n`)
    expect(await terminal.end).toBe(0)
    expect(terminal.screen()).toMatch(/one\r\n$/)
    await run('clean', '--kept', '--data', data).ended
    await expect.poll(containers).toEqual([])
  })

  test('the time of a kept container ends by itself, and the next run removes it', async () => {
    const data = join(folder, 'over')
    await run('run', await pipeline('over', [{ name: 'fails', script: 'exit 1' }]), '--data', data, '--keep-for', '1s', '--var', 'token=x').ended
    await until('it has ended', async () => (await podman.podman(['ps', '-q'])) === '')
    expect(await containers()).toHaveLength(1)
    const over = await piped('', '--data', data)
    expect(over.stderr).toMatch(/its time is over: build [^\n]*step fails/)
    expect((await run('run', await pipeline('after', [{ name: 'fine', script: 'true' }]), '--data', data, '--var', 'token=x').ended).status).toBe(0)
    await expect.poll(containers).toEqual([])
  })
})
