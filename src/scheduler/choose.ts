import type { MissingInput } from '../model/listed-build.ts'
import type { Version } from '../model/version.ts'
import type { Answer, Asking } from './algorithm/ask.ts'
import { resolve, type Outcome, type Unsatisfied } from './algorithm/resolve.ts'
import { failureText, sentence, type Why } from './algorithm/why.ts'
import type { Choice } from './choice.ts'
import type { BuildId, JobId, JobInput, JobSnapshot, SchedulerStore, VersionId } from './ports.ts'

export interface Chosen extends Choice {
  /** To be handed to the next choice of the same job. */
  readonly unsatisfied: readonly Unsatisfied[]
}

/** Chooses the versions of a job's inputs, and finds which of them the job has not had. */
export async function choose(store: Pick<SchedulerStore, 'answer' | 'known' | 'names' | 'versions'>, { jobId, inputs }: Pick<JobSnapshot, 'jobId' | 'inputs'>, earlier: readonly Unsatisfied[]): Promise<Chosen> {
  const outcome = await answered(store, jobId, resolve(inputs, earlier))
  const versions = new Map<string, VersionId>()
  const pipes = new Set<BuildId>()
  for (const [name, one] of outcome.inputs) {
    if (one.kind !== 'resolved') continue
    versions.set(name, one.version)
    for (const build of one.builds) pipes.add(build)
  }
  const chosen = inputs.flatMap(({ name, resource }) => {
    const version = versions.get(name)
    return version === undefined ? [] : [{ name, resource, version }]
  })
  const known = await store.known(jobId, chosen)
  const firsts = new Set(chosen.filter((_, index) => known[index] === false).map(({ name }) => name))
  return { versions, missing: await missingOf(store, outcome, inputs), firsts, pipes: [...pipes], more: outcome.more, unsatisfied: outcome.unsatisfied }
}

async function answered<T>(store: Pick<SchedulerStore, 'answer'>, job: JobId, asking: Asking<T>): Promise<T> {
  let step = asking.next()
  while (step.done !== true) {
    const answer: Answer = await store.answer(job, step.value)
    step = asking.next(answer)
  }
  return step.value
}

async function missingOf(store: Pick<SchedulerStore, 'names' | 'versions'>, { inputs }: Outcome, of: readonly JobInput[]): Promise<MissingInput[]> {
  const unresolved = [...inputs].flatMap(([input, one]) => (one.kind === 'unresolved' ? [{ input, why: one.why }] : []))
  if (unresolved.length === 0) return []
  const named = namedBy(unresolved.map(({ why }) => why))
  const [{ jobs, builds }, versions] = await Promise.all([store.names(named), store.versions(named.versions)])
  const names = {
    job: (id: JobId) => jobs.get(id) ?? `job ${id}`,
    build: (id: BuildId) => builds.get(id) ?? String(id),
    version: (id: VersionId) => shortVersion(versions.get(id) ?? {}),
  }
  return unresolved.map(({ input, why }) => ({ input, failure: failureText(why), message: `${sentence(why, names)}${failedCheck(why, of)}` }))
}

/** Where a check would have found what is missing, why the last one has not: a person who waits for the build looks here first. */
function failedCheck(why: Why, inputs: readonly JobInput[]): string {
  if (why.kind !== 'no-version' && why.kind !== 'pin-unknown') return ''
  const error = inputs.find(({ name }) => name === why.input)?.check.error
  return error === undefined ? '' : `; its last check failed: ${error.length > longestError ? `${error.slice(0, longestError)}…` : error}`
}

/** Of the error of a check that a sentence quotes. */
const longestError = 500

/** The ids that the sentences name. */
function namedBy(whys: readonly Why[]): { jobs: JobId[]; builds: BuildId[]; versions: VersionId[] } {
  const all: { jobs: JobId[]; builds: BuildId[]; versions: VersionId[] } = { jobs: [], builds: [], versions: [] }
  for (const why of whys) {
    switch (why.kind) {
      case 'no-version':
      case 'pin-unknown':
        break
      case 'never-passed':
        all.jobs.push(why.job)
        break
      case 'no-common':
        for (const { job, build, version } of why.newest) {
          all.jobs.push(job)
          all.builds.push(build)
          all.versions.push(version)
        }
        break
      case 'conflict':
        all.jobs.push(why.job)
        all.builds.push(why.build)
        all.versions.push(why.gives, why.wanted)
    }
  }
  return all
}

const longest = 80

/** `1.4`; of a version with several fields all of them. */
export function shortVersion(version: Version): string {
  const values = Object.entries(version)
  const text = values.length === 1 ? String(values[0]?.[1]) : values.map(([key, value]) => `${key}:${value}`).join(' ')
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
