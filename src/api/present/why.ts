import { notTriggeredText, type NotTriggered, type PendingReason } from '../../model/listed-build.ts'
import type { Job, Pipeline } from '../../model/pipeline.ts'
import type { z } from 'zod'
import type { whySchema } from '../web-schemas.ts'
import { pageUrl } from './page-url.ts'

export type Why = z.input<typeof whySchema>
type Reason = Why['reasons'][number]

/** Whose builds wait, or do not start. */
export interface WhyAbout {
  readonly pipeline: Pick<Pipeline, 'team' | 'name' | 'instanceVars' | 'pause'>
  readonly job: Pick<Job, 'name' | 'pause'>
  /** Of an input of the job; undefined: the config has none of this name. */
  readonly resourceOf: (input: string) => string | undefined
}

/** Why a build that is pending has not started. */
export function whyPending(reason: PendingReason, about: WhyAbout): Why {
  const reasons = pendingReasons(reason, about)
  return { sentence: reasons.map(({ text }) => text).join('; '), reasons }
}

/** Why no build of a job starts by itself. */
export function whyNotTriggered(why: NotTriggered, about: WhyAbout): Why {
  const text = notTriggeredText(why)
  return { sentence: `No build starts by itself: ${text}`, reasons: notTriggeredReasons(why, text, about) }
}

function pendingReasons(reason: PendingReason, about: WhyAbout): Why['reasons'] {
  const { pipeline, job } = about
  switch (reason.kind) {
    case 'pipeline-paused':
      return [pausedPipeline(reason.kind, 'its pipeline is paused', about)]
    case 'job-paused':
      return [pausedJob(reason.kind, 'its job is paused', about)]
    case 'job-limit':
      return [{ kind: reason.kind, text: `${reason.running} of at most ${reason.limit} builds run`, link: pageUrl(pipeline, 'jobs', job.name) }]
    case 'queued':
      return [{ kind: reason.kind, text: `build ${reason.job === undefined ? '' : `${reason.job} `}#${reason.behind} goes first`, link: pageUrl(pipeline, 'jobs', reason.job ?? job.name, 'builds', reason.behind) }]
    case 'checking': {
      const [only, ...others] = reason.inputs
      return [{ kind: reason.kind, text: `${reason.inputs.join(', ')} ${reason.inputs.length === 1 ? 'is' : 'are'} checked first`, ...(only !== undefined && others.length === 0 && linkOfInput(only, about)) }]
    }
    case 'inputs':
      return missingInputs(reason.missing, about)
  }
}

function notTriggeredReasons(why: NotTriggered, text: string, about: WhyAbout): Why['reasons'] {
  const { pipeline, job } = about
  switch (why.kind) {
    case 'pipeline-paused':
      return [pausedPipeline(why.kind, text, about)]
    case 'job-paused':
      return [pausedJob(why.kind, text, about)]
    case 'inputs':
      return missingInputs(why.missing, about)
    case 'pending':
      return [{ kind: why.kind, text, link: pageUrl(pipeline, 'jobs', job.name, 'builds', why.build) }]
    case 'nothing-new': {
      const [only, ...others] = why.triggers
      return [{ kind: why.kind, text, ...(only !== undefined && others.length === 0 && linkOfInput(only, about)) }]
    }
    case 'archived':
    case 'no-trigger':
    case 'no-get':
      return [{ kind: why.kind, text }]
  }
}

const pausedPipeline = (kind: string, text: string, { pipeline }: WhyAbout): Reason => ({ kind, text, ...(pipeline.pause && { since: pipeline.pause.at }), link: pageUrl(pipeline) })
const pausedJob = (kind: string, text: string, { pipeline, job }: WhyAbout): Reason => ({ kind, text, ...(job.pause && { since: job.pause.at }), link: pageUrl(pipeline, 'jobs', job.name) })
const missingInputs = (missing: readonly { readonly input: string; readonly message: string }[], about: WhyAbout): Why['reasons'] => missing.map(({ input, message }) => ({ kind: 'input', text: message, ...linkOfInput(input, about) }))

function linkOfInput(input: string, { pipeline, resourceOf }: WhyAbout): Pick<Reason, 'link'> {
  const resource = resourceOf(input)
  return resource === undefined ? {} : { link: pageUrl(pipeline, 'resources', resource) }
}
