import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type DataDirLock, DataDirLockedError, lockDataDir } from './data-dir-lock.ts'
import { ownIdentity } from './process-identity.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-lock-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const place = (holder: unknown, number = 1): Promise<void> =>
  writeFile(join(dir, `lock.${number}`), typeof holder === 'string' ? holder : JSON.stringify(holder))

it('refuses a second opener and names process and directory, until the first lets go', async () => {
  const lock = await lockDataDir(dir)
  const error = await lockDataDir(dir).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(DataDirLockedError)
  expect(error).toMatchObject({ dir, pid: process.pid, message: expect.stringContaining(`${dir} is in use by process ${process.pid}`) })
  await lock.release()
  await lock.release()
  await (await lockDataDir(dir)).release()
})

it('refuses while another process lives, and takes over when it was killed', async () => {
  const script = `
    import { lockDataDir } from ${JSON.stringify(new URL('./data-dir-lock.ts', import.meta.url).href)}
    await lockDataDir(${JSON.stringify(dir)})
    process.stdout.write('locked')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  await expect(lockDataDir(dir)).rejects.toMatchObject({ pid: child.pid })
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  await (await lockDataDir(dir)).release()
})

it('takes over from a process of before the last boot, of another start, or that it cannot read', async () => {
  const self = await ownIdentity()
  await place({ ...self, boot: 'another boot' })
  await (await lockDataDir(dir)).release()
  await place({ ...self, started: '1' }, 7)
  await (await lockDataDir(dir)).release()
  await place('{"pid":', 20)
  await (await lockDataDir(dir)).release()
  expect(await readdir(dir)).toEqual(['lock.21'])
})

it('respects a lock of another machine that is renewed, takes over a stale one', async () => {
  await place({ ...(await ownIdentity()), space: 'elsewhere pid:[1]' })
  await expect(lockDataDir(dir)).rejects.toThrow('of another machine or container (elsewhere;')
  const longAgo = new Date(Date.now() - 60_000)
  await utimes(join(dir, 'lock.1'), longAgo, longAgo)
  await (await lockDataDir(dir)).release()
})

it('only one of many processes takes over from a dead one', async () => {
  for (let round = 0; round < 10; round++) {
    await place({ ...(await ownIdentity()), boot: 'another boot' }, 1_000 * (round + 1))
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(dir)))
    const won = tries.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    expect(won).toHaveLength(1)
    for (const lost of tries) if (lost.status === 'rejected') expect(lost.reason).toBeInstanceOf(DataDirLockedError)
    await (won[0] as DataDirLock).release()
  }
})
