import { expect } from 'vitest'
import type { Cases } from '../cases.ts'

/** How a process is started, and how its end is reported. */
export const processCases: Cases = {
  'writes stdin and closes it': async ({ run }) => {
    const { stdout } = await run('cat; echo end', { stdin: '{"source":{"uri":"…"}}' })
    expect(stdout).toBe('{"source":{"uri":"…"}}end\n')
  },

  'gives an empty stdin when none is set': async ({ run }) => {
    const { stdout } = await run('cat; echo end')
    expect(stdout).toBe('end\n')
  },

  'starts in the working directory, made when missing': async ({ run }) => {
    const { stdout } = await run('pwd', { process: { dir: '/tmp/build/not/there/yet' } })
    expect(stdout).toBe('/tmp/build/not/there/yet\n')
  },

  'makes the folders that the assignment lists': async ({ run }) => {
    const { result } = await run('test -d /tmp/build/put/deep', { mkdir: ['/tmp/build/put/deep'] })
    expect(result.outcome).toEqual({ kind: 'exited', status: 0 })
  },

  'finds a program on the PATH of its environment': async ({ run }) => {
    const { stdout } = await run('', { process: { path: 'basename', args: ['/a/b'], env: ['PATH=/nowhere:/bin'] } })
    expect(stdout).toBe('b\n')
  },

  'runs as a user by name, with groups, HOME and USER': async ({ run }) => {
    const { stdout } = await run('id -u; id -G; echo "$HOME $USER"; touch here && echo writable', { process: { user: 'app' } })
    expect(stdout).toBe('1000\n1000 2000\n/home/app app\nwritable\n')
  },

  'runs as a user by number': async ({ run }) => {
    const { stdout } = await run('id -u; id -g', { process: { user: '1234:5678' } })
    expect(stdout).toBe('1234\n5678\n')
  },

  'runs as root when no user is named': async ({ run }) => {
    const { stdout } = await run('id -u', { process: { user: '' } })
    expect(stdout).toBe('0\n')
  },

  'says which user does not exist': async ({ run }) => {
    const { result } = await run('true', { process: { user: 'nobody-here' } })
    expect(result.outcome).toMatchObject({ kind: 'error', reason: 'user-not-found' })
    expect(result.outcome.kind === 'error' && result.outcome.message).toContain('nobody-here')
  },

  'reports the exit status': async ({ run }) => {
    const { result } = await run('exit 7')
    expect(result.outcome).toEqual({ kind: 'exited', status: 7 })
    expect(result.startedAt).toBeLessThanOrEqual(result.exitedAt ?? 0)
  },

  'reports the signal that ended the process': async ({ run }) => {
    const { result } = await run('kill -KILL $$')
    expect(result.outcome).toEqual({ kind: 'signaled', signal: 'KILL', oom: false })
  },

  'says that an executable does not exist': async ({ run }) => {
    const { result } = await run('', { process: { path: 'no-such-program', args: [] } })
    expect(result.outcome).toMatchObject({ kind: 'error', reason: 'executable-not-found' })
    expect(result.outcome.kind === 'error' && result.outcome.message).toContain('no-such-program')
  },

  'gives a task a terminal of the given size': async ({ run }) => {
    const { output } = await run('test -t 1 && test -t 2 && stty size <&1', { process: { tty: { columns: 500, rows: 400 } } })
    expect(output.toString()).toBe('400 500\r\n')
  },

  'gives other steps pipes': async ({ run }) => {
    const { stdout } = await run('test -t 1 || echo no terminal')
    expect(stdout).toBe('no terminal\n')
  },

  'runs several assignments after one another in one container': async ({ prepare, start, assignment }) => {
    const container = await prepare()
    const first = await start(container, assignment('echo one > /tmp/note')).result()
    const second = start(container, assignment('cat /tmp/note; exit 3'))
    expect(first.outcome).toEqual({ kind: 'exited', status: 0 })
    expect((await second.result()).outcome).toEqual({ kind: 'exited', status: 3 })
    expect(second.collected.stdout).toBe('one\n')
  },

  'ends with its main process while a daemon holds stdout open': async ({ run }) => {
    const { stdout, result } = await run('sleep 1000 & echo main is done')
    expect(stdout).toBe('main is done\n')
    expect(result.outcome).toEqual({ kind: 'exited', status: 0 })
  },
}
