import { expect } from 'vitest'
import type { Cases } from '../cases.ts'
import { enter, shell } from '../enter.ts'
import { contentsOf } from '../tree.ts'

/** The server is killed and starts again, while containers go on. */
export const resumeCases: Cases = {
  'resumes in the middle of the output, each line once': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    const work = assignment('echo run >> /tmp/runs; for i in $(seq 1 200); do echo $i; sleep 0.01; done; cat /tmp/runs')
    const before = start(await prepare(wanted), work)
    await before.collected.until(/^20$/m)
    await harness.faults.restartServer()
    const { acked } = before.collected
    const container = await prepare(wanted, { adopting: true, acked })
    const after = start(container, work, undefined, before.collected)
    expect((await after.result()).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(after.collected.stdout).toBe(`${Array.from({ length: 200 }, (_, index) => `${index + 1}\n`).join('')}run\n`)
    expect(harness.runtime.creations.filter(({ handle }) => handle === wanted.handle)).toEqual([])
  },

  'delivers the result of a step that ended while no server was there': async ({ harness, spec, prepare, start, assignment, output }) => {
    const wanted = spec()
    const work = assignment('echo begun; echo $$ > /tmp/pid; until test -e /tmp/go; do sleep 0.05; done; echo ended; echo made > out/file; exit 6', {
      outputs: [{ name: 'out', path: '/tmp/build/work/out' }],
    })
    const before = start(await prepare(wanted), work)
    await before.collected.until(/begun/)
    await harness.faults.withoutServer(async () => {
      await harness.faults.inside(wanted.handle, 'touch /tmp/go; while test -e /proc/$(cat /tmp/pid); do sleep 0.05; done')
    })
    const container = await prepare(wanted, { adopting: true, acked: before.collected.acked })
    const after = start(container, work, undefined, before.collected)
    const result = await after.result()
    expect(result.outcome).toEqual({ kind: 'exited', status: 6 })
    expect(after.collected.stdout).toBe('begun\nended\n')
    expect(contentsOf(await output(result, 'out'))).toEqual({ file: 'made\n' })
  },

  'goes on with a hermetic container, which cannot dial': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec({ hermetic: true })
    const work = assignment('echo begun; until test -e /tmp/go; do sleep 0.05; done; echo ended')
    const before = start(await prepare(wanted), work)
    await before.collected.until(/begun/)
    await harness.faults.withoutServer(async () => void (await harness.faults.inside(wanted.handle, 'touch /tmp/go')))
    const container = await prepare(wanted, { adopting: true, acked: before.collected.acked })
    const after = start(container, work, undefined, before.collected)
    expect((await after.result()).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(after.collected.stdout).toBe('begun\nended\n')
  },

  'delivers the result again when it was not settled': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    const work = assignment('echo once; exit 9')
    const before = start(await prepare(wanted), work)
    expect(await before.ended).toMatchObject({ ok: true, value: { outcome: { status: 9 } } })
    await harness.faults.restartServer()
    const after = start(await prepare(wanted, { adopting: true, acked: before.collected.acked }), work, undefined, before.collected)
    expect((await after.result()).outcome).toEqual({ kind: 'exited', status: 9 })
    expect(after.collected.stdout).toBe('once\n')
  },

  'adopts a container that was prepared and not used': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    await prepare(wanted)
    await harness.faults.restartServer()
    const run = start(await prepare(wanted), assignment('echo used'))
    await run.result()
    expect(run.collected.stdout).toBe('used\n')
    expect(harness.runtime.creations.filter(({ handle }) => handle === wanted.handle)).toEqual([])
  },

  'aborts a step after a restart': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    const work = assignment('trap "echo saw TERM; exit 0" TERM; echo ready; while :; do sleep 0.05; done')
    const before = start(await prepare(wanted), work)
    await before.collected.until(/ready/)
    await harness.faults.restartServer()
    const abort = new AbortController()
    const container = await prepare(wanted, { adopting: true, acked: before.collected.acked })
    const after = start(container, work, abort.signal, before.collected)
    abort.abort()
    expect((await after.result()).aborted).toBe(true)
    expect(after.collected.stdout).toBe('ready\nsaw TERM\n')
  },

  'reports a container that was lost while no server was there, and makes no other': async ({ harness, spec, prepare, tryPrepare, start, assignment }) => {
    const wanted = spec()
    const run = start(await prepare(wanted), assignment('echo ready; sleep 1000'))
    await run.collected.until(/ready/)
    await harness.faults.withoutServer(() => harness.faults.removeFromOutside(wanted.handle))
    expect(await tryPrepare(wanted, { adopting: true, acked: run.collected.acked })).toMatchObject({ ok: false, error: { kind: 'lost', mayStillRun: false } })
    expect(await harness.exists(wanted.handle)).toBe(false)
  },

  'reports the end of a step whose supervisor was killed while no server was there': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    const work = assignment('echo ready; sleep 1000')
    const before = start(await prepare(wanted), work)
    await before.collected.until(/ready/)
    await harness.faults.withoutServer(() => harness.faults.killSupervisor(wanted.handle))
    const container = await prepare(wanted, { adopting: true, acked: before.collected.acked })
    const after = start(container, work, undefined, before.collected)
    expect((await after.result()).outcome).toMatchObject({ kind: 'killed' })
    expect(after.collected.stdout).toBe('ready\n')
  },

  'removes a container whose supervisor does not answer': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    const abort = new AbortController()
    const run = start(await prepare(wanted), assignment('echo ready; sleep 1000'), abort.signal)
    await run.collected.until(/ready/)
    await harness.faults.stopSupervisor(wanted.handle)
    abort.abort()
    await harness.runtime.remove(wanted.handle)
    expect(await harness.exists(wanted.handle)).toBe(false)
  },

  'gives up an aborted step whose supervisor stays away, and leaves its container': async ({ harness, spec, prepare, tryPrepare, start, assignment }) => {
    const wanted = spec()
    const run = start(await prepare(wanted), assignment('echo ready; sleep 1000'))
    await run.collected.until(/ready/)
    await harness.faults.withoutServer(() => harness.faults.stopSupervisor(wanted.handle))
    const abort = new AbortController()
    const prepared = tryPrepare(wanted, { adopting: true, acked: run.collected.acked, signal: abort.signal })
    abort.abort()
    expect(await prepared).toEqual({ ok: false, error: { kind: 'aborted' } })
    expect(await harness.exists(wanted.handle)).toBe(true)
    await harness.runtime.remove(wanted.handle)
    expect(await harness.exists(wanted.handle)).toBe(false)
  },

  'gives a kept container to the next server, with the environment of its step': async ({ harness, prepare, spec, start, assignment }) => {
    const wanted = spec()
    const container = await prepare(wanted)
    await start(container, assignment('echo left > note; exit 1', { process: { env: ['PATH=/usr/bin:/bin', 'TOKEN=of the step'] } })).result()
    await container.release({ keep: { seconds: 600 } })
    await harness.faults.restartServer()
    const attached = await harness.runtime.attach(wanted.handle, new AbortController().signal)
    if (!attached.ok) throw new Error(attached.error.message)
    const session = enter(attached.value, shell('cat note; echo $TOKEN'))
    expect(await session.result).toEqual({ ok: true, value: { kind: 'exited', status: 0 } })
    expect(session.said.stdout).toBe('left\nof the step\n')
    expect(harness.runtime.creations.filter(({ handle }) => handle === wanted.handle)).toEqual([])
    await harness.runtime.remove(wanted.handle)
    expect(await harness.exists(wanted.handle)).toBe(false)
  },

  'stops without ending containers': async ({ harness, spec, prepare }) => {
    const wanted = spec()
    await prepare(wanted)
    await harness.faults.withoutServer(async () => {
      expect(await harness.exists(wanted.handle)).toBe(true)
    })
    expect((await harness.runtime.list()).map(({ handle }) => handle)).toContain(wanted.handle)
  },
}
