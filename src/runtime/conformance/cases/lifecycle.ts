import { expect } from 'vitest'
import type { Cases } from '../cases.ts'

/** Containers are created, found again and removed. */
export const lifecycleCases: Cases = {
  'lists what it made, with its facts': async ({ harness, prepare, spec }) => {
    const wanted = spec({ type: 'put', guess: true })
    await prepare(wanted)
    const found = (await harness.runtime.list()).filter(({ handle }) => handle === wanted.handle)
    expect(found).toEqual([{ handle: wanted.handle, metadata: wanted.metadata, type: 'put', guess: true, state: 'ready' }])
  },

  'records each container that it created': async ({ harness, prepare, spec }) => {
    const wanted = spec({ type: 'get' })
    await prepare(wanted)
    const created = harness.runtime.creations.filter(({ handle }) => handle === wanted.handle)
    expect(created).toHaveLength(1)
    expect(created[0]).toMatchObject({ type: 'get', stepName: 'step' })
  },

  'makes one container for two calls at once': async ({ harness, spec, prepare }) => {
    const wanted = spec()
    const [one, two] = await Promise.all([prepare(wanted), prepare(wanted)])
    expect(two.handle).toBe(one.handle)
    expect(harness.runtime.creations.filter(({ handle }) => handle === wanted.handle)).toHaveLength(1)
  },

  'gives the same container to a later call': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    await start(await prepare(wanted), assignment('echo before > /tmp/note')).result()
    const run = start(await prepare(wanted), assignment('cat /tmp/note'))
    await run.result()
    expect(run.collected.stdout).toBe('before\n')
    expect(harness.runtime.creations.filter(({ handle }) => handle === wanted.handle)).toHaveLength(1)
  },

  'ends all processes of an assignment before the next begins; files stay': async ({ spec, prepare, start, assignment }) => {
    const container = await prepare(spec())
    // Its own session, an empty environment, and no parent but PID 1.
    const away = `( setsid env -i /bin/sh -c 'trap "" TERM HUP; echo $$ > /tmp/away; while :; do sleep 1; done' < /dev/null > /dev/null 2>&1 & )`
    await start(container, assignment(`${away}; until test -s /tmp/away; do sleep 0.1; done`)).result()
    const next = start(container, assignment('pid=$(cat /tmp/away); test -n "$pid" && ! test -e /proc/$pid && echo nobody left'))
    expect(await next.result()).toMatchObject({ outcome: { kind: 'exited', status: 0 } })
    expect(next.collected.stdout).toContain('nobody left')
  },

  'makes a new container where the spec has changed': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    await start(await prepare(wanted), assignment('echo before > /tmp/note')).result()
    const run = start(await prepare({ ...wanted, privileged: true }), assignment('cat /tmp/note || echo fresh'))
    await run.result()
    expect(run.collected.stdout).toBe('fresh\n')
    expect(harness.runtime.creations.filter(({ handle }) => handle === wanted.handle)).toHaveLength(2)
  },

  'removes a container when it is released': async ({ harness, spec, prepare }) => {
    const wanted = spec()
    const container = await prepare(wanted)
    expect(await harness.exists(wanted.handle)).toBe(true)
    await container.release({ keep: false })
    expect(await harness.exists(wanted.handle)).toBe(false)
    expect((await harness.runtime.list()).map(({ handle }) => handle)).not.toContain(wanted.handle)
  },

  'keeps a container that is released for intercept': async ({ harness, spec, prepare }) => {
    const wanted = spec()
    await (await prepare(wanted)).release({ keep: { seconds: 600 } })
    expect(await harness.exists(wanted.handle)).toBe(true)
    await harness.runtime.remove(wanted.handle)
    expect(await harness.exists(wanted.handle)).toBe(false)
  },

  'removes a container that does not exist without an error': async ({ harness, spec }) => {
    await expect(harness.runtime.remove(spec().handle)).resolves.toBeUndefined()
  },

  'makes a container again after it was removed': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    await prepare(wanted)
    await harness.runtime.remove(wanted.handle)
    expect(await start(await prepare(wanted), assignment('exit 4')).result()).toMatchObject({ outcome: { status: 4 } })
  },

  'says that a container was removed from outside': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    const run = start(await prepare(wanted), assignment('echo ready; sleep 1000'))
    await run.collected.until(/ready/)
    await harness.faults.removeFromOutside(wanted.handle)
    const result = await run.ended
    expect(result).toMatchObject({ ok: false, error: { kind: 'lost', mayStillRun: false } })
    expect(!result.ok && result.error.message).toMatch(/removed|deleted|gone/)
  },

  'refuses an assignment when the container was removed': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    const container = await prepare(wanted)
    await harness.faults.removeFromOutside(wanted.handle)
    expect(await start(container, assignment('echo never')).ended).toMatchObject({ ok: false, error: { kind: 'lost', mayStillRun: false } })
  },

  'delivers the output after its supervisor was killed, and runs nothing again': async ({ harness, spec, prepare, start, assignment }) => {
    const wanted = spec()
    const container = await prepare(wanted)
    const run = start(container, assignment('echo again >> ../runs; echo ready; sleep 1000'))
    await run.collected.until(/ready/)
    await harness.faults.killSupervisor(wanted.handle)
    expect((await run.result()).outcome).toMatchObject({ kind: 'killed' })
    const after = start(container, assignment('echo again >> ../runs'))
    expect((await after.result()).outcome).toMatchObject({ kind: 'killed' })
    expect(run.collected.stdout).toBe('ready\n')
    expect(await harness.faults.inside(wanted.handle, 'cat /tmp/build/runs')).toBe('again\n')
  },

  'leaves nothing after an abort': async ({ harness, spec, tryPrepare }) => {
    const wanted = spec()
    const abort = new AbortController()
    const prepared = tryPrepare(wanted, { signal: abort.signal })
    abort.abort()
    expect(await prepared).toEqual({ ok: false, error: { kind: 'aborted' } })
    expect(await harness.exists(wanted.handle)).toBe(false)
  },
}
