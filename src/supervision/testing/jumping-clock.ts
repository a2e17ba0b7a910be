import { systemClock, type Clock } from '../../lib/clock.ts'

/** The system's clock, which a test can put forward: sleeps that are over then end. */
export function jumpingClock(): Clock & { jump(ms: number): void } {
  let ahead = 0
  let jumped = new AbortController()
  return {
    now: () => systemClock.now() + ahead,
    async sleep(ms, signal) {
      const end = this.now() + ms
      while (this.now() < end) {
        const either = signal === undefined ? jumped.signal : AbortSignal.any([signal, jumped.signal])
        await systemClock.sleep(end - this.now(), either).catch(() => signal?.throwIfAborted())
      }
    },
    jump(ms) {
      ahead += ms
      const before = jumped
      jumped = new AbortController()
      before.abort()
    },
  }
}
