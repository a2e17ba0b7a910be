import { basename } from 'node:path'
import { messageOf } from '../../../lib/errors.ts'
import { pipelineText } from '../../../config/pipeline-text.ts'
import { packFolder } from '../../../client/pack-folder.ts'
import type { ImageResource, ResourceTypeConfig, TaskConfig } from '../../../model/config.ts'
import { CommandError, exitStatus } from '../../exit.ts'
import { terminal } from '../../terminal.ts'
import type { WrittenJob } from '../refs.ts'
import { clientWords, orFail, type Session } from '../session.ts'
import { listedFiles, mustBeFolder } from './listed-files.ts'
import type { TaskInput } from './plan.ts'

/** Folders, by the input that they are for. */
export type Folders = ReadonlyMap<string, string>

/** What was given for an input, and that the folder one is in is for the input of its name, as fly has it. */
export function foldersOf(task: TaskConfig, given: readonly (readonly [name: string, folder: string])[], here: string | undefined): Folders {
  const names = new Set((task.inputs ?? []).map(({ name }) => name))
  const unknown = given.find(([name]) => !names.has(name))
  if (unknown !== undefined) throw new CommandError(`the task has no input ${unknown[0]}; it has ${names.size === 0 ? 'none' : [...names].join(', ')}`)
  const folders = new Map(given)
  if (here !== undefined && names.has(basename(here)) && !folders.has(basename(here))) folders.set(basename(here), here)
  return folders
}

export interface JobInputs {
  readonly inputs: ReadonlyMap<string, TaskInput & { kind: 'get' }>
  readonly types: readonly ResourceTypeConfig[]
}

/** What the job's next build would get. */
export async function jobInputs(session: Session, job: WrittenJob, team: string | undefined): Promise<JobInputs> {
  const pipeline = session.pipeline(job, team)
  const name = `${pipelineText(job)}/${job.job}`
  const inputs = orFail(await session.api.jobInputs({ pipeline, job: job.job }), session, `there is no job ${name}, or an input of it has no version yet; airside check-resource looks for versions`)
  const types = orFail(await session.api.resourceTypes(pipeline), session, `there is no pipeline ${pipelineText(job)}`) as readonly ResourceTypeConfig[]
  return { types, inputs: new Map(inputs.map(({ resource: _resource, ...input }) => [input.name, { kind: 'get', ...input } as TaskInput & { kind: 'get' }])) }
}

export function imageOf({ inputs }: JobInputs, name: string): ImageResource {
  const input = inputs.get(name)
  if (input === undefined) throw new CommandError(`--image: the job has no input ${name}; it has ${[...inputs.keys()].join(', ') || 'none'}`)
  const { type, source, version, params } = input
  return { type, source, version, ...(params && { params }) }
}

export interface Wanted {
  readonly folders: Folders
  readonly job: JobInputs | undefined
  readonly mapping: Readonly<Record<string, string>>
}

/** Names of folders to upload and of gets, in the task's order. Fails where neither gives a required input. */
export function planInputs(task: TaskConfig, { folders, job, mapping }: Wanted): readonly (string | (TaskInput & { kind: 'get' }))[] {
  return (task.inputs ?? []).flatMap(({ name, optional = false }) => {
    const found = folders.has(name) ? name : job?.inputs.get(mapping[name] ?? name)
    if (found !== undefined) return [found]
    if (optional) return []
    throw new CommandError(`the task needs input ${name}: give a folder with -i ${name}=DIR, or take what a job would get with -j PIPELINE/JOB`)
  })
}

export interface Upload {
  readonly name: string
  readonly folder: string
  /** Files that git ignores too. */
  readonly all: boolean
  readonly team: string
  readonly platform: string
  readonly tags: readonly string[]
}

export async function upload(session: Session, { name, folder, all, team, platform, tags }: Upload): Promise<TaskInput> {
  await mustBeFolder(folder)
  const content = packFolder(folder, all ? ['.'] : await listedFiles(folder))
  let [bytes, problem]: [number, unknown] = [0, undefined]
  content.on('data', (piece: Buffer) => (bytes += piece.length)).on('error', (error) => (problem = error))
  content.pause()
  const uploaded = await session.api.upload(team, { platform, tags }, content)
  content.destroy()
  // A refusal also ends the reading: its reason is the server's.
  if (!uploaded.ok) throw new CommandError(`input ${name}: ${uploaded.error.kind === 'unreachable' && problem !== undefined ? messageOf(problem) : clientWords(uploaded.error, session, `there is no team ${team}`)}`, exitStatus.failed)
  terminal.say(`uploaded ${name} (${size(bytes)})`)
  return { kind: 'upload', name, artifact: uploaded.value.id }
}

const size = (bytes: number): string => (bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`)
