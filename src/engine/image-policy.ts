import { messageOf } from '../lib/errors.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ImageFailure } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'
import type { ImageUse } from './ports.ts'

/** Asks whether a step may use an image, whichever way it gets it. Without a policy it may; one that cannot answer denies. */
export async function mayUseImage(
  { services, build }: Pick<BuildContext, 'services' | 'build'>,
  use: Pick<ImageUse, 'type' | 'image' | 'privileged'>,
  signal: AbortSignal,
): Promise<Result<void, ImageFailure>> {
  const { imagePolicy } = services
  if (imagePolicy === undefined) return ok(undefined)
  const { team, pipeline, job } = build
  const denied = (reason: string) => fail<ImageFailure>({ kind: 'failed', message: `the image policy denies ${use.image}: ${reason}` })
  try {
    const answer = await imagePolicy.check(
      { action: 'UseImage', ...use, team, ...(pipeline !== undefined && { pipeline }), ...(job !== undefined && { job }) },
      signal,
    )
    if (signal.aborted) return fail({ kind: 'aborted' })
    return answer.kind === 'allow' ? ok(undefined) : denied(answer.reason)
  } catch (error) {
    if (signal.aborted) return fail({ kind: 'aborted' })
    services.log.warn({ error: messageOf(error) }, 'the image policy did not answer')
    return denied('it did not answer')
  }
}
