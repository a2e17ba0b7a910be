import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { must } from '../test/services/command.ts'
import { openFifoLine } from './fifo-line.ts'
import type { HostLine } from './host-line.ts'
import { openTcpLine } from './tcp-line.ts'

const sh = (script: string) => must('bash', ['-c', script])

async function holds(line: HostLine): Promise<void> {
  const names = ['one', 'two', 'three']
  const all = names.map((name) => line.heard(name))
  const before = performance.now()
  await Promise.all(names.map((name) => sh(line.say(name))))
  for (const { at } of await Promise.all(all)) expect(at).toBeGreaterThan(before)

  const heard = line.heard('patient')
  let ended = false
  const waiting = sh(`${line.sayAndWait('patient')}; echo went on`).finally(() => (ended = true))
  const { letGo } = await heard
  // Another one comes and goes meanwhile.
  const other = line.heard('other')
  await sh(line.say('other'))
  await other
  expect(ended).toBe(false)
  letGo()
  expect(await waiting).toBe('went on\n')
  await line.close()
}

describe('a line to the host', () => {
  it('goes over FIFOs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'airside-line-'))
    await holds(await openFifoLine(folder, folder))
    await rm(folder, { recursive: true })
  })

  it('goes over TCP', async () => {
    const line = await openTcpLine('127.0.0.1')
    const withNc = (script: string) => `nc() { exec 3<>/dev/tcp/$1/$2; cat >&3; cat <&3; }; ${script}`
    await holds({ ...line, say: (name) => withNc(line.say(name)), sayAndWait: (name) => withNc(line.sayAndWait(name)) })
  })
})
