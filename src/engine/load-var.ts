import { posix } from 'node:path'
import { parseVarFile, varFormats, type VarFormat } from '../config/parse-var-file.ts'
import { textsIn } from '../config/vars/interpolate.ts'
import type { Json } from '../model/json.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { RunState, VarFile } from '../steps/ports.ts'
import { readArtifactFile } from './artifact-file.ts'
import type { BuildContext } from './build-context.ts'

/** Larger files are refused: a value is filled into steps, containers and events. */
export const longestVarFile = 1024 * 1024

/** Reads the value of a load_var step. Unless the step reveals it, the build's log shows neither it nor its parts from then on. */
export async function loadVar(context: Pick<BuildContext, 'services' | 'redactor'>, { file, format: named, reveal }: VarFile, state: RunState): Promise<Result<Json, string>> {
  const format = formatOf(file, named)
  if (!format.ok) return format
  const read = await readArtifactFile(context, { what: 'file', file, limit: longestVarFile }, state)
  if (!read.ok) return read
  const value = parseVarFile(read.value, file, format.value)
  if (value.ok && !reveal) context.redactor.add(textsIn(value.value))
  return value
}

/** The format that the step names, else that of the file's extension, else `trim`. */
function formatOf(file: string, named: Json | undefined): Result<VarFormat, string> {
  const known = (name: unknown): VarFormat | undefined => varFormats.find((format) => format === name)
  if (named === undefined || named === '') return ok(known(posix.extname(file).slice(1)) ?? 'trim')
  const format = known(named)
  return format === undefined ? fail(`there is no format ${JSON.stringify(named)}; it can be ${varFormats.join(', ')}`) : ok(format)
}
