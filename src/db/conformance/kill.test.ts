import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Builds } from '../builds.ts'
import { aesCipher } from '../cipher.ts'
import { openPglite } from '../pglite/pglite-db.ts'
import { testTemplate } from './template-cache.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-kill-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const program = fileURLToPath(new URL('./append-until-killed.ts', import.meta.url))

/** Runs the program and kills it while it commits. Returns the keys of the events whose commits were acknowledged to it. */
async function runAndKill(template: string, round: number, commits: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, dir, template, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const acknowledged: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const [batch = '', count = ''] = line.split(' ')
    for (let index = 0; index < Number(count); index++) acknowledged.push(`${round} ${batch} ${index}`)
    // The next commit is under way by now. The program's output is read to its end.
    if (Number(batch) === commits) child.kill('SIGKILL')
  }
  expect(await exited).toEqual([null, 'SIGKILL'])
  return acknowledged
}

it('keeps what was acknowledged, with dense numbers, over repeated kills', async () => {
  const template = await testTemplate()
  const acknowledged: string[] = []
  for (const [round, commits] of [3, 40, 17].entries()) acknowledged.push(...(await runAndKill(template, round, commits)))
  const db = await openPglite({ dir })
  const events = await db.query<{ event_id: number; key: string }>('select event_id, key from build_events order by event_id')
  const steps = await new Builds(db, aesCipher(new Uint8Array(32))).steps(1)
  await db.close()
  expect(events.map((event) => event.event_id)).toEqual(events.map((_, index) => index))
  const stored = new Set(events.map((event) => event.key))
  expect(acknowledged.filter((key) => !stored.has(key))).toEqual([])
  expect(stored.size).toBe(events.length)
  // A record is there exactly if the events of its commit are.
  for (const [round, record] of steps) {
    const batches = events.map((event) => event.key.split(' ')).filter(([owner]) => owner === round)
    expect(record).toEqual({ batch: Number(batches.at(-1)?.[1]) })
  }
})
