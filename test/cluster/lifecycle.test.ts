import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { must, run } from '../services/command.ts'

const script = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'scripts', 'cluster.mjs')

/** Another number than the other tests' cluster has: this one is started and stopped beside it. */
const number = '7'

describe('npm run cluster', () => {
  let state: string
  const cluster = (...args: string[]) => run(process.execPath, [script, ...args], { env: { ...process.env, AIRSIDE_TEST_CLUSTER: number, XDG_STATE_HOME: state } })

  beforeAll(async () => {
    state = await mkdtemp(join(tmpdir(), 'airside-lifecycle-'))
  })

  afterAll(async () => {
    await cluster('down')
    await rm(state, { recursive: true })
  })

  it('leaves nothing behind after down', async () => {
    const before = await traces()
    const up = await cluster('up')
    expect(up.stderr).toContain('ready')
    const kubeconfig = /^export KUBECONFIG=(.+)$/m.exec(up.stdout)?.[1] ?? ''
    expect(await readFile(kubeconfig, 'utf8')).toContain('current-context')
    expect((await cluster('status')).code).toBe(0)
    expect(await traces()).not.toEqual(before)

    const down = await cluster('down')
    expect(down).toMatchObject({ code: 0, stderr: 'the test cluster is gone\n' })
    expect(await traces()).toEqual(before)
    expect((await cluster('status')).code).toBe(1)
  })

  it('says that one is running', async () => {
    expect((await cluster('up')).code).toBe(0)
    const again = await cluster('up')
    expect(again.stderr).toContain('running already')
    expect(again.stdout).toContain('export KUBECONFIG=')
  })

  it('is broken without its files', async () => {
    const { stdout } = await cluster('status')
    await rm(/^export KUBECONFIG=(.+)$/m.exec(stdout)?.[1] ?? 'no kubeconfig')
    expect(await cluster('status')).toMatchObject({ code: 1, stderr: expect.stringContaining('is gone') })
    await cluster('down')
  })

  it('starts again after its processes were killed', async () => {
    const before = await traces()
    await cluster('up')
    const pids = (await traces()).filter((trace) => trace.startsWith('process ')).map((trace) => Number(trace.split(' ')[1]))
    expect(pids.length).toBeGreaterThan(5)
    for (const pid of pids.slice(0, 3)) process.kill(pid, 'SIGKILL')
    const status = await cluster('status')
    expect(status.stderr).toContain('broken')
    const up = await cluster('up')
    expect(up.stderr).toContain('removing what an earlier test cluster has left')
    expect((await cluster('status')).code).toBe(0)
    await cluster('down')
    expect(await traces()).toEqual(before)
  })

  it('says that nothing was running', async () => {
    expect(await cluster('down')).toMatchObject({ code: 0, stderr: 'no test cluster was running\n' })
  })
})

/** Everything of cluster 7 that can be seen from outside, and the kernel settings that clusters change. */
async function traces(): Promise<string[]> {
  const rules = await Promise.all(['filter', 'nat'].map((table) => must('iptables', ['-w', '-t', table, '-S'])))
  const links = await must('ip', ['-brief', 'link'])
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  const cgroups = await must('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-name', `airside-test-cluster-${number}`])
  const sysctls = await Promise.all(['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops'].map((name) => readFile(`/proc/sys/${name}`, 'utf8')))
  const processes = (await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(ofCluster))).filter((pid) => pid !== undefined)
  return [
    ...rules.flatMap((text) => text.split('\n')).filter((line) => line.includes(`airside${number}`) || line.includes(`TEST-${number}`) || line.includes('10.136.')),
    ...links.split('\n').filter((line) => line.startsWith(`airside${number}`)),
    ...mounts.split('\n').filter((line) => line.includes('airside-lifecycle-')),
    ...cgroups.split('\n').filter(Boolean),
    ...processes.map((pid) => `process ${pid}`),
    ...sysctls,
  ]
}

/** A process number if the process is alive and in the cluster's cgroup. */
async function ofCluster(pid: string): Promise<string | undefined> {
  const [cgroup, status] = await Promise.all(['cgroup', 'status'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')))
  return cgroup?.includes(`airside-test-cluster-${number}/`) && !/^State:\s+Z/m.test(status ?? '') ? pid : undefined
}
