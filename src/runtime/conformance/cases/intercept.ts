import { expect } from 'vitest'
import { until } from '../../../../test/services/wait.ts'
import type { Cases } from '../cases.ts'
import { enter, shell } from '../enter.ts'

const terminal = { columns: 80, rows: 24 }

/** Intercept sessions in containers. */
export const interceptCases: Cases = {
  'enters a running step at a terminal: it echoes, knows its size, and gives the exit status': async ({ prepare, start, assignment }) => {
    const container = await prepare()
    const main = start(container, assignment('echo ready; sleep 1000', { process: { env: ['PATH=/usr/bin:/bin', 'TOKEN=of the step'] } }))
    await main.collected.until(/ready/)
    const session = enter(container, shell('while read line; do case $line in size) stty size;; where) echo "$TOKEN, $TERM, $PWD";; *) exit 3;; esac; done', { tty: terminal, env: ['TERM=xterm'] }))
    await session.type('where\n')
    await session.until(/where\r\nof the step, xterm, \/tmp\/build\/work\r\n/)
    session.resize(132, 50)
    await session.type('size\n')
    await session.until(/size\r\n50 132\r\n/)
    await session.type('leave\n')
    expect(await session.result).toEqual({ ok: true, value: { kind: 'exited', status: 3 } })
    expect(session.said.stderr).toBe('')
    expect(main.collected.stdout).toBe('ready\n')
  },

  'enters with pipes: stdin to its end, stdout and stderr apart, a folder and user of its own': async ({ prepare, start, assignment }) => {
    const container = await prepare()
    await start(container, assignment('true')).result()
    const session = enter(container, shell('cat; pwd; id -u >&2; exit 4', { dir: '/etc', user: 'app' }))
    await session.type('from here', true)
    expect(await session.result).toEqual({ ok: true, value: { kind: 'exited', status: 4 } })
    expect(session.said).toEqual({ stdout: 'from here/etc\n', stderr: '1000\n' })
  },

  'runs two sessions beside the step, which go on after its abort': async ({ prepare, start, assignment }) => {
    const abort = new AbortController()
    const container = await prepare()
    const main = start(container, assignment('trap "echo over; exit 0" TERM; echo ready; while :; do sleep 0.05; done'), abort.signal)
    await main.collected.until(/ready/)
    const one = enter(container, shell('echo one; read line; echo "one $line"'))
    const two = enter(container, shell('echo two; read line; echo "two $line"; exit 2', { tty: terminal }))
    await Promise.all([one.until(/one/), two.until(/two/)])
    abort.abort()
    expect(await main.result()).toMatchObject({ aborted: true })
    await one.type('is still here\n')
    await two.type('is too\n')
    expect(await one.result).toEqual({ ok: true, value: { kind: 'exited', status: 0 } })
    expect(await two.result).toEqual({ ok: true, value: { kind: 'exited', status: 2 } })
    expect(one.said.stdout).toBe('one\none is still here\n')
    expect(two.said.stdout).toMatch(/two is too\r\n$/)
    expect(main.collected.stdout).toBe('ready\nover\n')
  },

  'ends a session that hangs up': async ({ prepare, start, assignment }) => {
    const container = await prepare()
    await start(container, assignment('true')).result()
    const hangUp = new AbortController()
    const session = enter(container, shell('trap "echo hung up; exit 5" HUP; echo ready; while :; do sleep 0.05; done', { tty: terminal }), hangUp.signal)
    await session.until(/ready/)
    hangUp.abort()
    expect(await session.result).toEqual({ ok: true, value: { kind: 'exited', status: 5 } })
    expect(session.said.stdout).toMatch(/^ready\r\n(Hangup\r\n)?hung up\r\n$/)
  },

  'ends the sessions of a container that is released': async ({ harness, prepare, spec, start, assignment }) => {
    const wanted = spec()
    const container = await prepare(wanted)
    await start(container, assignment('true')).result()
    const session = enter(container, shell('trap "" HUP TERM; echo ready; while :; do sleep 1; done', { tty: terminal }))
    await session.until(/ready/)
    await container.release({ keep: false })
    expect(await session.result).toMatchObject({ ok: false, error: { kind: 'lost' } })
    expect(await harness.exists(wanted.handle)).toBe(false)
  },

  'says that a program is not in the image': async ({ harness, prepare, spec, start, assignment }) => {
    const container = await prepare(spec({ image: harness.images.scratch }))
    await start(container, assignment('', { process: { path: '/hello', args: ['exit', '0'] } })).result()
    expect(await enter(container, { path: 'bash', args: [], env: [] }).result).toMatchObject({ ok: true, value: { kind: 'error', reason: 'executable-not-found' } })
    const session = enter(container, { path: '/hello', args: ['echo', 'entered'], env: [] })
    expect(await session.result).toMatchObject({ ok: true, value: { status: 0 } })
    expect(session.said.stdout).toBe('entered\n')
  },

  'ends a kept container when its time is over': async ({ harness, prepare, spec, start, assignment }) => {
    const wanted = spec()
    const container = await prepare(wanted)
    await start(container, assignment('exit 1')).result()
    await container.release({ keep: { seconds: 1 } })
    await until('the kept container ends', async () => (await harness.runtime.list()).find(({ handle }) => handle === wanted.handle)?.state === 'ended')
    expect(await harness.runtime.attach(wanted.handle, new AbortController().signal)).toMatchObject({ ok: false, error: { kind: 'ended' } })
    await harness.runtime.remove(wanted.handle)
    expect(await harness.exists(wanted.handle)).toBe(false)
  },

  'attaches to a container that another call has made': async ({ harness, prepare, spec, start, assignment }) => {
    const wanted = spec()
    const main = start(await prepare(wanted), assignment('echo ready; sleep 1000'))
    await main.collected.until(/ready/)
    const attached = await harness.runtime.attach(wanted.handle, new AbortController().signal)
    if (!attached.ok) throw new Error(attached.error.message)
    const session = enter(attached.value, shell('pwd'))
    await session.result
    expect(session.said.stdout).toBe('/tmp/build/work\n')
  },

  'refuses to attach to a container that does not exist': async ({ harness, spec }) => {
    const { handle } = spec()
    expect(await harness.runtime.attach(handle, new AbortController().signal)).toMatchObject({ ok: false, error: { kind: 'ended' } })
    expect(await harness.exists(handle)).toBe(false)
  },
}
