import { closeSync, openSync, readSync } from 'node:fs'
import { messageOf } from '../../lib/errors.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { variableOf, type Setting } from './setting.ts'

/** The texts of a value, each with the place that an error names. Empty for a flag without a value. */
export interface Given {
  readonly texts: readonly { readonly text: string; readonly where: string }[]
}

/** A place where settings are given. The error says which it is and what is wrong with it. */
export interface Source {
  readonly kind: 'flag' | 'variable' | 'file of a variable' | 'config' | 'concourse'
  find(name: string, setting: Setting): Result<Given | undefined, string>
}

export type Environment = Readonly<Record<string, string | undefined>>

const at = (where: string, text: string, setting: Setting): Given => {
  const texts = setting.type.form === 'list' ? text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '') : [text]
  return { texts: texts.map((one) => ({ text: one, where })) }
}

/** `AIRSIDE_NAME`; an empty one counts as none. */
export const environment = (env: Environment): Source => ({
  kind: 'variable',
  find(name, setting) {
    const variable = variableOf(name)
    const text = env[variable]
    return ok(text === undefined || text === '' || isServiceLink(variable, text) ? undefined : at(variable, text, setting))
  },
})

/** Kubernetes sets `AIRSIDE_PORT=tcp://10.0.0.1:8080` in every pod of a namespace that has a Service called `airside`. */
const isServiceLink = (variable: string, text: string): boolean => variable === 'AIRSIDE_PORT' && /^(?:tcp|udp|sctp):\/\//.test(text)

/** Secrets and lists are short. A larger file is a mistake in the path. */
const longestFile = 65_536

/** `AIRSIDE_NAME_FILE`: a file that holds the value. */
export const environmentFiles = (env: Environment): Source => ({
  kind: 'file of a variable',
  find(name, setting) {
    const variable = `${variableOf(name)}_FILE`
    const file = env[variable]
    if (file === undefined || file === '') return ok(undefined)
    const read = readShort(file)
    if (!read.ok) return fail(`${variable}: ${read.error}`)
    const text = read.value.replace(/\r?\n$/, '')
    // An error, and not the default: whoever set the variable meant to give a value, perhaps a key.
    return text === '' ? fail(`${variable}: ${file} is empty`) : ok(at(`${file} (${variable})`, text, setting))
  },
})

/** The text of a file of at most 64 KiB. */
export function readShort(file: string): Result<string, string> {
  let handle: number | undefined
  try {
    handle = openSync(file, 'r')
    const buffer = Buffer.alloc(longestFile + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < buffer.length; length += read) read = readSync(handle, buffer, length, buffer.length - length, null)
    return length > longestFile ? fail(`${file} has more than ${longestFile} bytes; it should hold the value alone`) : ok(buffer.toString('utf8', 0, length))
  } catch (error) {
    return fail(`cannot read the file: ${messageOf(error)}`)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

/** The names that Concourse's web node has for the same. */
export const concourse = (env: Environment): Source => ({
  kind: 'concourse',
  find(_, setting) {
    const { names, read } = concourseOf(setting)
    const text = read((name) => env[name] || undefined)
    return ok(text === undefined ? undefined : at(names.filter((name) => env[name]).join(', '), text, setting))
  },
})

export function concourseOf({ concourse: given }: Setting): Exclude<NonNullable<Setting['concourse']>, string> {
  if (given === undefined) return { names: [], read: () => undefined }
  return typeof given === 'string' ? { names: [given], read: (variable) => variable(given) } : given
}
