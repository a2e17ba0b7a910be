import type { Version } from '../../model/version.ts'
import type { BuildOrder, JobId, ResourceId, Success, VersionId } from './input.ts'

/**
 * What `resolve` asks of its store. All answers come from one snapshot. Successes list the versions of `resources` only, and say `unusable`
 * for versions that cannot be used, but for columns. A page that is shorter than its limit is the last.
 */
export type Ask =
  /** Successes of a job, newest first. */
  | { readonly kind: 'page'; readonly job: JobId; readonly resources: readonly ResourceId[]; readonly after?: BuildOrder; readonly limit: number }
  /**
   * The same in large pages, of all resources and with unusable versions as they are: the search is going to look at all of them, and to say of
   * each version whether it can be used would take most of the time.
   */
  | { readonly kind: 'columns'; readonly job: JobId; readonly after?: BuildOrder; readonly limit: number }
  /** Successes of a job that list a version of a resource, newest first. */
  | {
      readonly kind: 'giving'
      readonly job: JobId
      readonly resource: ResourceId
      readonly version: VersionId
      readonly resources: readonly ResourceId[]
      readonly after?: BuildOrder
      readonly limit: number
    }
  /** Successes of a job that are newer than a build, oldest first. */
  | { readonly kind: 'since'; readonly job: JobId; readonly resources: readonly ResourceId[]; readonly after: BuildOrder; readonly limit: number }
  /** Versions of a resource that successes of every one of the jobs list, usable or not. */
  | { readonly kind: 'domain'; readonly jobs: readonly JobId[]; readonly resource: ResourceId; readonly limit: number }
  /** Which of these versions can be used, in the same order. */
  | { readonly kind: 'usable'; readonly resources: readonly ResourceId[]; readonly versions: readonly VersionId[] }
  /** A mark of the present successes of the jobs, and of all else that decides what they give (versions disabled, scopes). */
  | { readonly kind: 'mark'; readonly jobs: readonly JobId[] }
  /** Successes of the jobs that were added since the mark; `changed` if anything else changed, or there are too many to tell. */
  | { readonly kind: 'added'; readonly jobs: readonly JobId[]; readonly mark: string; readonly resources: readonly ResourceId[] }
  /** Usable versions in the resource's scope: newest first, or from the lowest above a check order upwards, or from an order downwards. */
  | {
      readonly kind: 'versions'
      readonly resource: ResourceId
      readonly from: { readonly kind: 'newest' } | { readonly kind: 'above' | 'down'; readonly order: number }
      readonly limit: number
    }
  /** The newest version in the resource's scope, disabled or not, that contains the pin. */
  | { readonly kind: 'pin'; readonly resource: ResourceId; readonly pin: Version }
  /** The highest check order in the resource's scope that a build of the job used, whatever its end and the input's name. */
  | { readonly kind: 'highest-used'; readonly resource: ResourceId }
  /** What was passed to the newest build of the job that used this highest version: the newest build of each job. */
  | { readonly kind: 'pipes'; readonly resource: ResourceId }
  /** Which of these versions a build of the job used, in the same order. */
  | { readonly kind: 'used'; readonly versions: readonly (readonly [ResourceId, VersionId])[] }
  /** Nothing is asked: the search has worked for some milliseconds, and lets others run. */
  | { readonly kind: 'pause' }

export type Answer =
  | { readonly kind: 'successes'; readonly successes: readonly Success[] }
  | { readonly kind: 'changed' }
  | { readonly kind: 'versions'; readonly versions: readonly VersionId[] }
  | { readonly kind: 'mark'; readonly mark: string }
  /** A version, a check order; undefined where there is none. */
  | { readonly kind: 'number'; readonly number: number | undefined }
  | { readonly kind: 'pipes'; readonly pipes: readonly (BuildOrder & { readonly job: JobId })[] | undefined }
  | { readonly kind: 'used'; readonly used: readonly boolean[] }
  | { readonly kind: 'usable'; readonly usable: readonly boolean[] }
  | { readonly kind: 'none' }

export type Asking<T> = Generator<Ask, T, Answer>

/** Asks, and checks that the store answered in kind. */
export function* ask<Kind extends Answer['kind']>(question: Ask, kind: Kind): Asking<Extract<Answer, { kind: Kind }>> {
  const answer = yield question
  if (!isOf(answer, kind)) throw new Error(`store answered ${question.kind} with ${answer.kind}, not ${kind}`)
  return answer
}

function isOf<Kind extends Answer['kind']>(answer: Answer, kind: Kind): answer is Extract<Answer, { kind: Kind }> {
  return answer.kind === kind
}
