import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { Document, isMap, parseDocument } from 'yaml'
import { z } from 'zod'
import { boundedRecord, boundedString } from '../lib/bounded.ts'
import { codeOf } from '../lib/errors.ts'
import { fail, ok, type Result } from '../model/result.ts'

/** A server that somebody logged in to, as fly keeps it in ~/.flyrc. */
export interface SavedTarget {
  /** The server's address, without a slash at its end. */
  readonly api: string
  readonly team: string
  readonly token?: { readonly type: string; readonly value: string }
  /** The server's certificate is not verified. */
  readonly insecure?: boolean
  /** PEM. */
  readonly caCert?: string
  /** Paths of PEM files. */
  readonly clientCert?: { readonly certPath: string; readonly keyPath: string }
}

/** A certificate is the longest. */
const longest = 1024 * 1024

const targetSchema = z.object({
  api: boundedString(longest),
  team: boundedString(longest),
  token: z.object({ type: boundedString(longest), value: boundedString(longest) }).nullish(),
  insecure: z.boolean().nullish(),
  ca_cert: boundedString(longest).nullish(),
  client_cert_path: boundedString(longest).nullish(),
  client_key_path: boundedString(longest).nullish(),
})
const fileSchema = z.object({ targets: boundedRecord(boundedString(longest), targetSchema, 10_000).nullish() }).nullable()

/** Where fly keeps its targets: `$FLY_HOME/.flyrc`, else ~/.flyrc. */
export const targetsFile = (env: Readonly<Record<string, string | undefined>> = process.env): string => join(env['FLY_HOME'] || homedir(), '.flyrc')

/** By name. The error is a sentence. */
export async function readTargets(file: string): Promise<Result<ReadonlyMap<string, SavedTarget>, string>> {
  const document = await open(file)
  if (!document.ok) return document
  const parsed = fileSchema.safeParse(document.value.toJS())
  if (!parsed.success) return fail(`${file} cannot be read: ${parsed.error.issues[0]?.path.join('.') ?? ''}: ${parsed.error.issues[0]?.message ?? ''}`)
  return ok(new Map(Object.entries(parsed.data?.targets ?? {}).map(([name, target]) => [name, targetOf(target)])))
}

/** Saves a target, or removes it (undefined). What else the file holds stays, comments too. */
export async function saveTarget(file: string, name: string, target: SavedTarget | undefined): Promise<Result<void, string>> {
  const opened = await open(file)
  if (!opened.ok) return opened
  const document = isMap(opened.value.contents) ? opened.value : new Document({ targets: {} })
  if (target === undefined) document.deleteIn(['targets', name])
  else {
    for (const [key, value] of Object.entries(fieldsOf(target))) {
      if (value === undefined) document.deleteIn(['targets', name, key])
      else document.setIn(['targets', name, key], value)
    }
  }
  // A half-written file would log out of every server. It holds tokens: only its owner reads it.
  const next = `${file}.${randomUUID().slice(0, 8)}`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(next, document.toString(), { mode: 0o600, flag: 'wx' })
    await rename(next, file)
    return ok(undefined)
  } catch (error) {
    return fail(`${file} cannot be written: ${codeOf(error) ?? String(error)}`)
  }
}

async function open(file: string): Promise<Result<Document, string>> {
  try {
    const document = parseDocument(await readFile(file, 'utf8'), { maxAliasCount: 0 } as object)
    const [error] = document.errors
    return error === undefined ? ok(document as Document) : fail(`${file} is not valid YAML: ${error.message}`)
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? ok(new Document({ targets: {} })) : fail(`${file} cannot be read: ${codeOf(error) ?? String(error)}`)
  }
}

const targetOf = (saved: z.infer<typeof targetSchema>): SavedTarget => ({
  api: saved.api.replace(/\/+$/, ''),
  team: saved.team,
  ...(saved.token && { token: saved.token }),
  ...(saved.insecure === true && { insecure: true }),
  ...(saved.ca_cert && { caCert: saved.ca_cert }),
  ...(saved.client_cert_path && saved.client_key_path && { clientCert: { certPath: saved.client_cert_path, keyPath: saved.client_key_path } }),
})

const fieldsOf = ({ api, team, token, insecure, caCert, clientCert }: SavedTarget) => ({
  api,
  team,
  token,
  insecure: insecure === true ? true : undefined,
  ca_cert: caCert,
  client_cert_path: clientCert?.certPath,
  client_key_path: clientCert?.keyPath,
})
