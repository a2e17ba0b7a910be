import type { Version } from '../../model/version.ts'
import type { BuildId, JobId, VersionId } from './input.ts'

/** A version, and the newest success of a job that gives it. */
export interface Passed {
  readonly job: JobId
  readonly build: BuildId
  readonly version: VersionId
}

/** Versions of inputs by name, as far as they could be chosen. */
export type PartialChoice = Readonly<Record<string, VersionId>>

/** Why an input has no version. */
export type Why = { readonly input: string } & (
  | { readonly kind: 'no-version'; readonly every: boolean }
  | { readonly kind: 'pin-unknown'; readonly pin: Version }
  /** No success of the job gives a usable version of the input. */
  | { readonly kind: 'never-passed'; readonly job: JobId }
  /** No version passed all of the jobs. `newest` has one of each; the version of the first did not pass `missing`. */
  | { readonly kind: 'no-common'; readonly newest: readonly Passed[]; readonly missing: JobId }
  /** The newest success of `job` for this input gives another version of `other` than the rest needs. */
  | {
      readonly kind: 'conflict'
      readonly job: JobId
      readonly build: BuildId
      readonly other: string
      readonly gives: VersionId
      readonly wanted: VersionId
      readonly chosen: PartialChoice
    }
)

/** What the sentence calls things; the store looks it up for those ids that `why` names. */
export interface Names {
  job(id: JobId): string
  /** Name of a build in its job: `31`. */
  build(id: BuildId): string
  /** A version in short: `1.4`. */
  version(id: VersionId): string
}

/** `app 1.4 passed unit (#31), not e2e, whose newest is 1.2 (#17)` */
export function sentence(why: Why, names: Names): string {
  switch (why.kind) {
    case 'no-version':
      return `${why.input} has no version that can be used`
    case 'pin-unknown':
      return `${why.input} is pinned to ${pinText(why.pin)}, and no check has found that version`
    case 'never-passed':
      return `no usable version of ${why.input} has passed ${names.job(why.job)}`
    case 'no-common': {
      const first = why.newest[0]
      const missing = why.newest.find(({ job }) => job === why.missing)
      if (first === undefined || missing === undefined) throw new Error(`no newest success of job ${why.missing} in the reason for ${why.input}`)
      return (
        `${why.input} ${names.version(first.version)} passed ${names.job(first.job)} (#${names.build(first.build)}), ` +
        `not ${names.job(missing.job)}, whose newest is ${names.version(missing.version)} (#${names.build(missing.build)})`
      )
    }
    case 'conflict':
      return (
        `${names.job(why.job)} (#${names.build(why.build)}), the newest to pass ${why.input}, had ${why.other} ${names.version(why.gives)}, ` +
        `where the other constraints need ${names.version(why.wanted)}`
      )
  }
}

/** What Concourse says of the same. */
export function failureText(why: Why): string {
  switch (why.kind) {
    case 'no-version':
      return why.every ? 'version of resource not found' : 'latest version of resource not found'
    case 'pin-unknown':
      return `pinned version ${pinText(why.pin)} not found`
    case 'never-passed':
    case 'no-common':
    case 'conflict':
      return 'no satisfiable builds from passed jobs found for set of inputs'
  }
}

const pinText = (pin: Version): string =>
  Object.entries(pin)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}:${value}`)
    .join(' ')
