import { posix } from 'node:path'
import { fail, type Result } from '../model/result.ts'
import type { RunState } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'

export interface WantedFile {
  /** What the file is to the step, for its errors: `task file`. */
  readonly what: string
  /** `artifact/path`, as a step names it. */
  readonly file: string
  /** Most bytes that it may have. */
  readonly limit: number
}

/** Reads a file that a step names by an artifact and a path in it. The error is a sentence that names the file. */
export async function readArtifactFile({ services }: Pick<BuildContext, 'services'>, { what, file, limit }: WantedFile, state: RunState): Promise<Result<Uint8Array, string>> {
  const slash = file.indexOf('/')
  const name = file.slice(0, Math.max(0, slash))
  // As Concourse reads it: `repo//ci/./task.yml` is `repo/ci/task.yml`.
  const path = posix.normalize(file.slice(slash + 1)).replace(/^\/+/, '')
  if (name === '' || path === '' || path === '.') {
    // In Concourse's words, which people search for.
    return fail(`${what} "${file}" does not specify where the file lives: write an artifact and a path in it, as in "repo/ci/task.yml"`)
  }
  const artifact = state.artifact(name)
  if (artifact === undefined) {
    const known = [...state.names()]
    // Concourse's words too.
    return fail(`unknown artifact source: '${name}' in file path '${file}'; ${known.length === 0 ? 'no step before it fetched or made an artifact' : `there is ${known.join(', ')}`}`)
  }
  const read = await services.artifacts.readFile(artifact.digest, path, limit)
  if (read.ok) return read
  return fail(read.error.kind === 'not-found' ? `${what} "${file}": file '${path}' not found within artifact '${name}'` : `${what} "${file}": ${read.error.message}`)
}
