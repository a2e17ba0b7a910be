import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../app/folders.ts'
import { ApiClient } from '../../client/api-client.ts'
import type { ClientError } from '../../client/client-error.ts'
import { Connection } from '../../client/connection.ts'
import { loginWithPassword } from '../../client/login.ts'
import { revoke } from '../../client/logout.ts'
import type { SavedTarget } from '../../client/targets.ts'
import { parsePipeline } from '../../config/parse-pipeline.ts'
import { staticVars } from '../../config/vars/lookup.ts'
import { pipelineToJson } from '../../config/wire.ts'
import { fail, ok, type Result } from '../../model/result.ts'

const ref = { team: 'main', name: 'demo' }
export const demoFile = join(packageRoot, 'demo', 'pipeline.yml')

interface Admin {
  readonly url: string
  readonly username: string
  readonly password: string
}

/** Sets the demo's pipeline where there is none, as a user would, and lets it run. One that is there stays as it is. The error is a sentence. */
export async function setDemoPipeline({ url, username, password }: Admin, registry: string): Promise<Result<'set' | 'there', string>> {
  const target: SavedTarget = { api: url, team: ref.team }
  const stranger = await Connection.open(target)
  if (!stranger.ok) return stranger
  const token = await loginWithPassword(stranger.value, username, password)
  await stranger.value.close()
  if (!token.ok) return fail(`the login as ${username} failed: ${words(token.error)}`)
  const known: SavedTarget = { ...target, token: token.value }
  const connection = await Connection.open(known)
  if (!connection.ok) return connection
  try {
    return await setIn(new ApiClient(connection.value), registry)
  } finally {
    await connection.value.close()
    await revoke(known)
  }
}

async function setIn(api: ApiClient, registry: string): Promise<Result<'set' | 'there', string>> {
  const present = await api.config(ref)
  if (present.ok) return ok('there')
  if (present.error.kind !== 'not-found') return fail(words(present.error))
  const parsed = parsePipeline(await readFile(demoFile), { file: demoFile, vars: staticVars({ registry }) })
  if (parsed.config === undefined) return fail(`${demoFile} is no pipeline`)
  const set = await api.setConfig(ref, { config: pipelineToJson(parsed.config) })
  if (!set.ok) return fail(words(set.error))
  const unpaused = await api.change(ref, 'unpause')
  return unpaused.ok ? ok('set') : fail(words(unpaused.error))
}

const words = (error: ClientError): string => ('message' in error && error.message !== '' ? error.message : error.kind)
