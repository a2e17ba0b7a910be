import { expect } from 'vitest'
import type { Cases } from '../cases.ts'
import { contentsOf } from '../tree.ts'

/** How a process is started, and how its end is reported. */
export const processCases: Cases = {
  'passes the environment, and nothing of the supervisor’s own': async ({ run }) => {
    const { stdout } = await run('echo "$GREETING"; env', { process: { env: ['PATH=/bin', 'GREETING=hello  world', 'EMPTY='] } })
    expect(stdout).toMatch(/^hello {2}world\n/)
    expect(stdout).toContain('\nEMPTY=\n')
    expect(stdout).not.toMatch(/AIRSIDE_(CONTAINER|UID|HOME|LISTEN|SERVER_KEY|TOKEN_FILE|STATE)=/)
  },

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

  'runs as a number in an image without passwd': async ({ run, harness, output }) => {
    const { result } = await run(
      '',
      { process: { path: '/hello', args: ['write', 'out/file', 'mine'], user: '1234' }, outputs: [{ name: 'out', path: '/tmp/build/work/out' }] },
      { image: harness.images.scratch },
    )
    expect(result.outcome).toEqual({ kind: 'exited', status: 0 })
    expect(await output(result, 'out')).toMatchObject({ file: { uid: 1234 } })
  },

  'runs as root in an image without passwd': async ({ run, harness }) => {
    const { stdout, result } = await run('', { process: { path: '/hello', args: ['echo', 'static'], user: 'root' } }, { image: harness.images.scratch })
    expect(stdout).toBe('static\n')
    expect(result.outcome).toEqual({ kind: 'exited', status: 0 })
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

  'enforces a memory limit, and says that memory ran out': async ({ run }) => {
    const { result } = await run('tail /dev/zero', {}, { limits: { memory: 64 * 1024 * 1024 } })
    expect(result.outcome).toMatchObject({ oom: true })
  },

  // Exactly as many bytes as are written: with a larger buffer, busybox's tail moves its whole content at each read, which takes minutes.
  'reads a limit of zero as none': async ({ run }) => {
    const { stdout, result } = await run('head -c 90000000 /dev/zero | tail -c 90000000 | wc -c', {}, { limits: { memory: 0, cpu: 0 } })
    expect(stdout).toBe('90000000\n')
    expect(result.outcome).toEqual({ kind: 'exited', status: 0 })
  },

  'accepts a small weight for the processor': async ({ run }) => {
    const { stdout } = await run('echo ran', {}, { limits: { cpu: 1 } })
    expect(stdout).toBe('ran\n')
  },

  'lets a privileged step mount': async ({ run }) => {
    const mount = 'mkdir -p /mnt && mount -t tmpfs none /mnt && echo mounted || echo refused'
    expect((await run(mount, {}, { privileged: true })).stdout).toBe('mounted\n')
    expect((await run(mount)).stdout).toBe('refused\n')
  },

  'keeps all its own files under /tmp/.airside': async ({ run, output }) => {
    const { result } = await run('find / -xdev -name "*airside*" -not -path "/tmp/.airside/*" > out/found', { outputs: [{ name: 'out', path: '/tmp/build/work/out' }] })
    expect(contentsOf(await output(result, 'out'))).toEqual({ found: '/tmp/.airside\n' })
  },
}
