import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { objectOf } from '../../config/json-object.ts'
import { codeOf, messageOf } from '../../lib/errors.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { largestSecret, passingFault, permanentFault, type SecretAnswer, type SecretFault, type SecretManager } from '../manager.ts'
import { fillTemplates, type Folders } from '../secret-path.ts'

const templates = ['{{.Team}}/{{.Pipeline}}/{{.Secret}}', '{{.Team}}/{{.Secret}}', '{{.Secret}}']
const mostFields = 1000

/** Secrets as files below a directory, as Kubernetes, Docker and systemd mount them; a directory of files is a secret with fields. */
export function filesManager(directory: string, folders: Folders): SecretManager {
  return {
    paths: (name, scope) => fillTemplates(templates, name, scope, folders),
    async get(path) {
      try {
        return await read(directory, path)
      } catch (error) {
        if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(codeOf(error) ?? '')) return ok(undefined)
        return fail(passingFault(`the file of a secret cannot be read: ${messageOf(error)}`))
      }
    },
  }
}

async function read(directory: string, path: string): Promise<SecretAnswer> {
  const [root, file] = await Promise.all([realpath(directory), realpath(join(directory, path))])
  // A link may lead out of the directory, to another team's secrets or anywhere.
  if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) return fail(permanentFault(`${join(directory, path)} leads out of ${directory}`))
  const found = await stat(file)
  if (found.isDirectory()) return readFields(file, join(directory, path))
  const text = await readText(file, join(directory, path))
  return text.ok ? ok({ value: text.value }) : text
}

/** Kubernetes keeps what it mounts in entries that begin with two dots. Folders inside are secrets of their own. */
async function readFields(folder: string, named: string): Promise<SecretAnswer> {
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => !entry.name.startsWith('..') && !entry.isDirectory()).map(({ name }) => name)
  if (names.length > mostFields) return fail(permanentFault(`${named} holds more than ${mostFields} files`))
  const fields: [string, string][] = []
  for (const name of names.toSorted()) {
    const file = await realpath(join(folder, name))
    if (!file.startsWith(folder + sep) || !(await stat(file)).isFile()) continue
    const text = await readText(file, join(named, name))
    if (!text.ok) return text
    fields.push([name, text.value])
  }
  return ok(fields.length === 0 ? undefined : { value: objectOf(fields) })
}

/** Without the line end that editors and `echo` put behind a value. */
async function readText(file: string, named: string): Promise<Result<string, SecretFault>> {
  const handle = await open(file, 'r')
  try {
    if (!(await handle.stat()).isFile()) return fail(permanentFault(`${named} is no file`))
    const buffer = Buffer.alloc(largestSecret + 1)
    let length = 0
    for (let got = -1; got !== 0 && length < buffer.length; length += got) got = (await handle.read(buffer, length, buffer.length - length)).bytesRead
    if (length > largestSecret) return fail(permanentFault(`${named} has more than ${largestSecret} bytes`))
    const bytes = buffer.subarray(0, length)
    const text = bytes.toString('utf8')
    if (!Buffer.from(text, 'utf8').equals(bytes)) return fail(permanentFault(`${named} is no text in UTF-8`))
    return ok(text.replace(/\r?\n$/, ''))
  } finally {
    await handle.close()
  }
}
