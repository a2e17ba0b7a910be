import { systemClock } from '../../lib/clock.ts'
import { terminal } from '../terminal.ts'
import type { Session } from './session.ts'

const everyMs = 2_000

/** Says what a pending build waits for, and again when that changes, until `over`. */
export function tellWaiting(session: Session, build: number, signal: AbortSignal): { over(): void } {
  const stop = new AbortController()
  const done = AbortSignal.any([signal, stop.signal])
  const run = async (): Promise<void> => {
    let told = ''
    for (;;) {
      await systemClock.sleep(everyMs, done)
      const preparation = await session.api.preparation(build)
      if (!preparation.ok || done.aborted) continue
      const { paused_pipeline: pipeline, paused_job: job, max_running_builds: running, missing_input_reasons: missing } = preparation.value
      const reasons = [
        ...(pipeline === 'blocking' ? ['the pipeline is paused'] : []),
        ...(job === 'blocking' ? ['the job is paused'] : []),
        ...(running === 'blocking' ? ['as many builds of the job run as may, or older ones wait'] : []),
        ...Object.entries(missing).map(([input, reason]) => `${input}: ${reason}`),
      ]
      const line = reasons.join('; ')
      if (line !== told && line !== '') terminal.say(`waiting: ${line}`)
      told = line
    }
  }
  run().catch(() => undefined)
  return { over: () => stop.abort() }
}
