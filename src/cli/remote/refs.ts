import { parsePairs } from '../../config/vars/var-options.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { list, one, text } from '../settings/types.ts'
import type { Flag } from '../settings/setting.ts'

/** A pipeline as people write it: `demo`, or an instance `demo/branch:main,os.arch:arm64`. */
export interface WrittenPipeline {
  readonly name: string
  readonly instanceVars?: JsonObject
}

export interface WrittenJob extends WrittenPipeline {
  readonly job: string
}

export function parsePipelineRef(written: string): Result<WrittenPipeline, string> {
  const slash = written.indexOf('/')
  const name = slash < 0 ? written : written.slice(0, slash)
  if (name === '') return fail('write PIPELINE or PIPELINE/VAR:VALUE,…')
  if (slash < 0) return ok({ name })
  const vars = instanceVarsOf(written.slice(slash + 1))
  return vars.ok ? ok({ name, instanceVars: vars.value }) : vars
}

export function parseJobRef(written: string): Result<WrittenJob, string> {
  const slash = written.lastIndexOf('/')
  if (slash < 1 || slash === written.length - 1) return fail('write PIPELINE/JOB')
  const pipeline = parsePipelineRef(written.slice(0, slash))
  return pipeline.ok ? ok({ ...pipeline.value, job: written.slice(slash + 1) }) : pipeline
}

/** `branch:main,os.arch:"arm64"`: values are YAML; a comma in quotes is part of its value. */
export function instanceVarsOf(written: string): Result<JsonObject, string> {
  const pairs = written.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? []
  return parsePairs(pairs.map((pair) => pair.replace(/^((?:[^:"]|"[^"]*")+):/, '$1=')))
}

/** A field of a version. */
export const versionPair = list('KEY:VALUE', (text) => (/^[^:]+:/.test(text) ? ok([text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)] as const) : fail('write KEY:VALUE')))
export const pipelineRef = one('PIPELINE', parsePipelineRef)
export const resourceRef = one('PIPELINE/RESOURCE', (written) => {
  const parsed = parseJobRef(written)
  if (!parsed.ok) return fail(parsed.error.replace('JOB', 'RESOURCE'))
  const { job: resource, ...pipeline } = parsed.value
  return ok({ ...pipeline, resource })
})
export const jobRef = one('PIPELINE/JOB', parseJobRef)

/** Flags of every command that talks to a server. */
export const targetFlags = {
  target: { short: 't', type: text('NAME'), summary: 'the server, as airside login saved it', otherwise: 'AIRSIDE_TARGET, or the only one' },
} as const satisfies Readonly<Record<string, Flag>>

export const teamFlag = { type: text('TEAM'), summary: 'the team', otherwise: "the target's" } as const satisfies Flag
