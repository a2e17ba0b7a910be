import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { forgetPeak, kilobytes, peakMb, residentMb, watchSupervisors } from './process-memory.ts'

it('reads what Linux tells', () => {
  const status = 'Name:\tnode\nVmPeak:\t 9 kB\nVmHWM:\t   12345 kB\nVmRSS:\t     678 kB\nThreads:\t1\n'
  expect(kilobytes(status, 'VmHWM')).toBe(12_345)
  expect(kilobytes(status, 'VmRSS')).toBe(678)
  expect(() => kilobytes('Name:\tzombie\n', 'VmRSS')).toThrow('has ended')
})

it.skipIf(process.platform !== 'linux')('knows a peak that is over, until it is forgotten', async () => {
  const script = `const big = new ArrayBuffer(100e6)
    new Uint8Array(big).fill(1)
    process.stdout.write('full\\n')
    process.stdin.once('data', () => { big.transfer(0); process.stdout.write('empty\\n'); process.stdin.on('data', () => {}) })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { pid = 0 } = child
  await once(child.stdout, 'data')
  child.stdin.write('go\n')
  await once(child.stdout, 'data')
  const resident = await residentMb(pid)
  expect(await peakMb(pid)).toBeGreaterThan(resident + 80)
  await forgetPeak(pid)
  expect(await peakMb(pid)).toBeLessThan(resident + 50)
  child.kill()
  await once(child, 'exit')
})

it.skipIf(process.platform !== 'linux')('finds supervisors that have come since, by their containers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'airside-memory-'))
  const program = join(folder, 'airside-supervisor')
  await copyFile('/bin/cat', program)
  const start = async (handle: string) => {
    const child = spawn(program, { env: { AIRSIDE_CONTAINER: handle }, stdio: ['pipe', 'ignore', 'inherit'] })
    await once(child, 'spawn')
    return child
  }
  const before = await start('unit-before')
  const watch = await watchSupervisors()
  const since = await start('unit-since')
  const seen = await watch.stop()
  expect(seen.has('unit-before')).toBe(false)
  const { first = 0, peak = 0 } = seen.get('unit-since') ?? {}
  expect(first).toBeGreaterThan(0)
  expect(peak).toBeGreaterThanOrEqual(first)
  for (const child of [before, since]) {
    child.stdin.end()
    await once(child, 'exit')
  }
  await rm(folder, { recursive: true })
})
