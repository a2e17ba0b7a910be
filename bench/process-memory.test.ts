import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { forgetPeak, kilobytes, peakMb, residentMb } from './process-memory.ts'

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
