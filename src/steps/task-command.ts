import { posix } from 'node:path'
import type { TaskConfig } from '../model/config.ts'
import type { ImageConfig } from '../model/image.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { TaskLayout } from './task-layout.ts'

/** What a task runs, and where. */
export interface TaskCommand {
  readonly path: string
  readonly args: readonly string[]
  /** Absolute. */
  readonly dir: string
}

/**
 * `run.path`, or the image's entrypoint and command with the task's args behind them. The latter run in the image's own folder (WORKDIR)
 * where the task has nothing in its own and `run.dir` says no other.
 */
export function taskCommand({ run }: TaskConfig, { workingDirectory, inputs, outputs, caches }: TaskLayout, image: ImageConfig): Result<TaskCommand, string> {
  const args = run?.args ?? []
  const dir = posix.resolve(workingDirectory, run?.dir ?? '')
  if (run?.path) return ok({ path: run.path, args, dir })
  const [path, ...rest] = [...image.entrypoint, ...image.cmd]
  if (path === undefined) return fail('the task has nothing to run: give it `run.path`, or an image with an ENTRYPOINT or CMD')
  const imageFolder = posix.resolve('/', image.workingDir)
  const isBare = inputs.length + outputs.length + caches.length === 0
  return ok({
    // A path is relative to where its image was made to run it; a name is looked for in PATH.
    path: path.includes('/') ? posix.resolve(imageFolder, path) : path,
    args: [...rest, ...args],
    dir: image.workingDir !== '' && isBare && !run?.dir ? imageFolder : dir,
  })
}
