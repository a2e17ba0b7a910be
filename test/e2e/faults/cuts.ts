import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { createKit } from '../../../src/runtime/conformance/kit.ts'
import type { ConformanceHarness } from '../../../src/runtime/conformance/harness.ts'
import type { Runtime } from '../../../src/runtime/contract.ts'
import { jumpingClock } from '../../../src/supervision/testing/jumping-clock.ts'
import type { Mischief } from '../../../src/supervision/testing/proxy.ts'
import { openServerBehind, type ServerBehind } from './server-behind.ts'

/** A server behind a proxy that its clock knows of; `host`: where containers reach it by TCP, if they are to. */
export async function openCutServer(host?: string): Promise<ServerBehind> {
  const clock = jumpingClock()
  const server = await openServerBehind(clock, host)
  // A minute of silence is the server's limit; supervisors that dial home have to sit it out by themselves.
  server.proxy.onMischief = (mischief) => {
    if (mischief === 'mute') clock.jump(60_000)
  }
  return server
}

const pieces = 100
const lines = 500 * pieces
const wanted = createHash('sha256')
for (let line = 1; line <= lines; line += 1) wanted.update(`line ${line}\n`)
const wantedHash = wanted.digest('hex')

/** Inside a frame with FIN, by RST, held back without a word. Each after another number of bytes, so that each falls elsewhere. */
const plan: readonly { readonly mischief: Mischief; readonly afterBytes: number }[] = [
  { mischief: 'cut', afterBytes: 40_003 },
  { mischief: 'reset', afterBytes: 50_021 },
  { mischief: 'mute', afterBytes: 60_101 },
  { mischief: 'cut', afterBytes: 70_507 },
  { mischief: 'reset', afterBytes: 80_021 },
]

/** 50 000 lines while the connection is broken in each way: nothing lost, nothing twice, and the step ran once. */
export async function survivesCuts(harness: ConformanceHarness, runtime: Runtime, { proxy }: ServerBehind): Promise<void> {
  const kit = createKit({ ...harness, runtime })
  try {
    const script = `echo run >> /tmp/runs; i=0; while [ $i -lt ${pieces} ]; do i=$((i+1)); seq $((i*500-499)) $((i*500)) | sed "s/^/line /"; sleep 0.02; done; cat /tmp/runs >&2`
    proxy.plan(...plan)
    const { collected, ended } = kit.start(await kit.prepare(), kit.assignment(script))
    const result = await ended
    expect(result).toMatchObject({ ok: true, value: { outcome: { kind: 'exited', status: 0 } } })
    expect(proxy.done).toEqual(plan.map(({ mischief }) => mischief))
    expect(createHash('sha256').update(collected.stdout).digest('hex')).toBe(wantedHash)
    expect(collected.stderr).toBe('run\n')
  } finally {
    await kit.clean()
  }
}
