import { expect } from 'vitest'
import type { Cases } from '../cases.ts'
import { contentsOf } from '../tree.ts'

/** What a process has from its container: image, environment, limits, privileges. */
export const containerCases: Cases = {
  'passes the environment, and nothing of the supervisor’s own': async ({ run }) => {
    const { stdout } = await run('echo "$GREETING"; env', { process: { env: ['PATH=/bin', 'GREETING=hello  world', 'EMPTY='] } })
    expect(stdout).toMatch(/^hello {2}world\n/)
    expect(stdout).toContain('\nEMPTY=\n')
    expect(stdout).not.toMatch(/AIRSIDE_(CONTAINER|UID|HOME|LISTEN|SERVER_KEY|TOKEN_FILE|STATE)=/)
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
