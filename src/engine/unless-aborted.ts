import { fail, type Result } from '../model/result.ts'
import type { ImageFailure } from '../steps/ports.ts'

/**
 * Waits for what asks var sources, but no longer than the step runs: a credential manager that does not answer must not hold up an abort or
 * a timeout. What was asked goes on behind, up to the manager's own limits. `begun`: the step has a container from before a restart, which is
 * adopted and ended properly: that needs the answer, aborted or not.
 */
export async function unlessAborted<T>(asked: Promise<Result<T, string>>, signal: AbortSignal, begun = false): Promise<Result<T, ImageFailure>> {
  const { promise: aborted, resolve } = Promise.withResolvers<'aborted'>()
  const onAbort = (): void => resolve('aborted')
  if (signal.aborted && !begun) onAbort()
  if (!begun) signal.addEventListener('abort', onAbort, { once: true })
  try {
    const result = await Promise.race([asked, aborted])
    if (result === 'aborted') {
      asked.catch(() => undefined) // nobody waits for it any more
      return fail({ kind: 'aborted' })
    }
    return result.ok ? result : fail({ kind: 'failed', message: result.error })
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
