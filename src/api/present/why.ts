import { notTriggeredText, type NotTriggered, type PendingReason } from '../../model/listed-build.ts'
import type { z } from 'zod'
import type { whySchema } from '../web-schemas.ts'

export type Why = z.input<typeof whySchema>

/** Why a build that is pending has not started. */
export function whyPending(reason: PendingReason): Why {
  const reasons = pendingReasons(reason)
  return { sentence: reasons.map(({ text }) => text).join('; '), reasons }
}

/** Why no build of a job starts by itself. */
export function whyNotTriggered(why: NotTriggered): Why {
  const text = notTriggeredText(why)
  const reasons = why.kind === 'inputs' ? why.missing.map(({ input, message }) => ({ kind: 'input', text: `${input}: ${message}` })) : [{ kind: why.kind, text }]
  return { sentence: `no build starts by itself: ${text}`, reasons }
}

function pendingReasons(reason: PendingReason): Why['reasons'] {
  switch (reason.kind) {
    case 'pipeline-paused':
      return [{ kind: reason.kind, text: 'its pipeline is paused' }]
    case 'job-paused':
      return [{ kind: reason.kind, text: 'its job is paused' }]
    case 'job-limit':
      return [{ kind: reason.kind, text: `${reason.running} of at most ${reason.limit} builds run` }]
    case 'queued':
      return [{ kind: reason.kind, text: `build ${reason.job === undefined ? '' : `${reason.job} `}#${reason.behind} goes first` }]
    case 'checking':
      return [{ kind: reason.kind, text: `${reason.inputs.join(', ')} ${reason.inputs.length === 1 ? 'is' : 'are'} checked first` }]
    case 'inputs':
      return reason.missing.map(({ input, message }) => ({ kind: 'input', text: `${input}: ${message}` }))
  }
}
