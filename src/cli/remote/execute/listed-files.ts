import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { codeOf, messageOf } from '../../../lib/errors.ts'
import { CommandError } from '../../exit.ts'

/** Of the names of a repository's files, together. */
const mostBytes = 256 * 1024 * 1024

/** The files of a folder that are uploaded: those of its git repository that it does not ignore, as fly does; without one, all. */
export async function listedFiles(folder: string): Promise<readonly string[]> {
  const run = async (...flags: string[]): Promise<string[]> => {
    const { stdout } = await promisify(execFile)('git', ['ls-files', '-z', ...flags], { cwd: folder, maxBuffer: mostBytes, encoding: 'utf8' })
    return stdout.split('\0').filter((name) => name !== '')
  }
  try {
    const [tracked, deleted, others] = [await run(), new Set(await run('--deleted')), await run('--others', '--exclude-standard')]
    return [...new Set([...tracked.filter((name) => !deleted.has(name)), ...others])]
  } catch (error) {
    if (codeOf(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') throw new CommandError(`${folder}: the names of its files are longer than ${mostBytes / 1024 / 1024} MiB together`)
    return ['.']
  }
}

export async function mustBeFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return
  } catch (error) {
    throw new CommandError(codeOf(error) === 'ENOENT' ? `there is no folder ${folder}` : `${folder}: ${messageOf(error)}`)
  }
  throw new CommandError(`${folder} is no folder`)
}
