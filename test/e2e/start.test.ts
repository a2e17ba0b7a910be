import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findGo } from '../../scripts/lib/go.mjs'
import { run } from '../services/command.ts'
import { startPodman, type Podman } from '../services/podman.ts'
import { freePort } from '../services/ports.ts'

const root = join(import.meta.dirname, '..', '..')

/** As somebody types it who has just cloned the repository: a home of their own, and nothing in it. */
describe('npm start', () => {
  let home: string
  let podman: Podman
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'airside-start-'))
    podman = await startPodman()
    const { XDG_DATA_HOME: _data, XDG_CACHE_HOME: _cache, FLY_HOME: _fly, AIRSIDE_TARGET: _target, ...rest } = process.env
    env = { ...rest, HOME: home, NO_COLOR: '1', AIRSIDE_GO: await findGo(), DOCKER_HOST: podman.dockerHost }
  })
  afterAll(async () => {
    await podman.stop()
    await rm(home, { recursive: true, force: true })
  })

  /** Starts it, does something with what it says when it is ready, and ends it as Ctrl-C does. */
  async function session(port: number, work: (told: string) => Promise<void>): Promise<string> {
    const child = spawn('npm', ['start', '--', '--port', String(port)], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const ended = new Promise<number | null>((resolve) => void child.on('close', resolve))
    const ready = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text
          if (output.includes('Ctrl-C ends it')) resolve()
        })
      }
    })
    await Promise.race([ready, ended.then((status) => Promise.reject(new Error(`it ended with ${status}:\n${output}`)))])
    try {
      await work(output)
    } finally {
      child.kill('SIGINT')
    }
    expect(await ended, output).toBe(0)
    return output
  }

  /** The lines that it tells its user to type for airside, as they stand. */
  const commandsOf = (told: string) => told.split('\n').flatMap((line) => /bin\/airside .*$/.exec(line)?.[0] ?? [])

  test('sets a pipeline whose build succeeds as it says, ends on Ctrl-C, and finds its state again', async () => {
    const port = await freePort()
    const first = await session(port, async (told) => {
      const [login = '', trigger = '', ...others] = commandsOf(told)
      expect(others).toEqual([])
      expect(await run('sh', ['-c', login], { cwd: root, env })).toMatchObject({ code: 0, stdout: expect.stringContaining('target saved') as string })
      expect(await run('sh', ['-c', trigger], { cwd: root, env })).toMatchObject({ code: 0, stdout: expect.stringMatching(/words, no mistakes[\s\S]*succeeded\n$/) as string })
      const beside = await run('npm', ['start', '--', '--port', String(await freePort())], { cwd: root, env })
      expect(beside).toMatchObject({ code: 2, stderr: expect.stringMatching(/another process holds database .*: end it, or use another folder \(--data\)/) as string })
    })
    expect(first).not.toMatch(/^\s+at .*:\d+/m)
    const second = await session(port, async () => {
      const builds = await run('bin/airside', ['builds', '-t', 'demo', '-j', 'demo/correspond'], { cwd: root, env })
      expect(builds).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\s+demo\/correspond\/1\s+succeeded/) as string })
      // The images are where the pipeline expects them, though another start had to take another port.
      expect(await run('bin/airside', ['trigger-job', '-t', 'demo', '-j', 'demo/correspond', '--watch'], { cwd: root, env })).toMatchObject({ code: 0 })
    })
    const login = (text: string) => /^log in .*$/m.exec(text)?.[0]
    expect(login(second)).toBe(login(first))
  })
})
