import { expect } from 'vitest'
import type { Cases } from '../cases.ts'

/** Aborts and time limits. */
export const abortCases: Cases = {
  'aborts with a TERM to all descendants, and logs their last output': async ({ prepare, start, assignment }) => {
    const script = `
      sh -c 'trap "echo grandchild saw TERM; exit 0" TERM; echo ready; while :; do sleep 0.05; done' &
      trap "" TERM
      wait; wait`
    const abort = new AbortController()
    const run = start(await prepare(), assignment(script), abort.signal)
    await run.collected.until(/ready/)
    abort.abort()
    const result = await run.result()
    expect(result.aborted).toBe(true)
    expect(run.collected.stdout).toBe('ready\ngrandchild saw TERM\n')
  },

  'kills descendants that ignore TERM or are in another session': async ({ prepare, start, assignment }) => {
    const script = `
      setsid sh -c 'trap "" TERM; echo a; sleep 4711; sleep 4711' &
      sh -c 'trap "" TERM; echo b; sleep 4711; sleep 4711' &
      (setsid sh -c 'echo c; exec sleep 4711' &)
      trap "" TERM
      while :; do wait; done`
    const abort = new AbortController()
    const container = await prepare()
    const run = start(container, assignment(script, { graceMs: 300 }), abort.signal)
    await run.collected.until(/(?=[^]*a)(?=[^]*b)(?=[^]*c)/)
    abort.abort()
    expect(await run.result()).toMatchObject({ aborted: true, outcome: { kind: 'signaled', signal: 'KILL' } })
    const after = start(container, assignment('grep -al "471[1]" /proc/[0-9]*/cmdline; grep -c "^State:.Z" /proc/[0-9]*/status | grep -v ":0$"; echo looked'))
    await after.result()
    expect(after.collected.stdout).toBe('looked\n')
  },

  'lets a process clean up within the grace': async ({ prepare, start, assignment, output }) => {
    const script = 'trap "echo cleaned > out/note; exit 5" TERM; echo ready; while :; do sleep 0.05; done'
    const abort = new AbortController()
    const run = start(await prepare(), assignment(script, { outputs: [{ name: 'out', path: '/tmp/build/work/out' }] }), abort.signal)
    await run.collected.until(/ready/)
    abort.abort()
    const result = await run.result()
    expect(result).toMatchObject({ aborted: true, outcome: { kind: 'exited', status: 5 } })
    expect(await output(result, 'out')).toMatchObject({ note: { content: 'cleaned\n' } })
  },

  'starts no process after an abort': async ({ prepare, start, assignment }) => {
    const run = start(await prepare(), assignment('echo never'), AbortSignal.abort())
    expect((await run.result()).outcome).toEqual({ kind: 'never-started' })
    expect(run.collected.stdout).toBe('')
  },

  'ends a process at its time limit': async ({ run }) => {
    const { result, stdout } = await run('echo begun; sleep 1000', { timeoutMs: 300 })
    expect(result).toMatchObject({ timedOut: true, aborted: false })
    expect(stdout).toBe('begun\n')
  },
}
