import { choose } from './choose.ts'
import type { JobId, JobInput, SchedulerStore, VersionId } from './ports.ts'

/** The inputs, those that have a chosen version with it. */
export const withChosen = (inputs: readonly JobInput[], versions: ReadonlyMap<string, VersionId>): JobInput[] =>
  inputs.map((input) => {
    const chosen = versions.get(input.name)
    return chosen === undefined ? input : { ...input, chosen }
  })

type Store = Pick<SchedulerStore, 'read' | 'answer' | 'known' | 'names' | 'versions' | 'inScope'>

/** Why a build of the job cannot have these versions, which a person chose: a line for each reason. */
export async function refusedVersions(store: Store, jobId: JobId, wanted: { readonly [input: string]: VersionId }): Promise<readonly string[]> {
  const [job] = await store.read([jobId])
  if (job === undefined) return ['the job is gone']
  const inputs = new Map(job.inputs.map((input) => [input.name, input]))
  const versions = new Map(Object.entries(wanted))
  const unknown = [...versions.keys()].filter((name) => !inputs.has(name))
  if (unknown.length > 0) {
    const own = inputs.size === 0 ? 'it has none' : `its inputs are ${[...inputs.keys()].join(', ')}`
    return unknown.map((name) => `${job.name} has no input ${name}: ${own}`)
  }
  const asked = [...versions].map(([name, version]) => ({ name, of: inputs.get(name)?.of ?? '', resource: inputs.get(name)?.resource ?? 0, version }))
  const there = await store.inScope(asked)
  const absent = asked.filter((_, index) => there[index] !== true)
  if (absent.length > 0) return absent.map(({ name, of, version }) => `input ${name}: resource ${of} has no version with the id ${version}`)
  const { missing } = await choose(store, { jobId, inputs: withChosen(job.inputs, versions) }, [])
  // What another input lacks may come while the build waits.
  return [...new Set(missing.filter(({ input }) => versions.has(input)).map(({ message }) => message))]
}
