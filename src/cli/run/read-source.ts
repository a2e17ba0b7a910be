import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { codeOf, messageOf } from '../../lib/errors.ts'
import { CommandError } from '../exit.ts'

/** The bytes of a YAML file; `-` is the standard input. */
export async function readSource(file: string): Promise<Uint8Array> {
  if (file === '-') return buffer(process.stdin)
  try {
    return await readFile(file)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') throw new CommandError(`there is no file ${file}`)
    if (code === 'EISDIR') throw new CommandError(`${file} is a folder; name the YAML file in it`)
    throw new CommandError(`cannot read ${file}: ${messageOf(error)}`)
  }
}
