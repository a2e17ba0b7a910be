import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../app/folders.ts'
import { ApiClient, type PipelineConfigAnswer } from '../../client/api-client.ts'
import type { ClientError } from '../../client/client-error.ts'
import { Connection } from '../../client/connection.ts'
import { loginWithPassword } from '../../client/login.ts'
import { revoke } from '../../client/logout.ts'
import type { SavedTarget } from '../../client/targets.ts'
import { parsePipeline } from '../../config/parse-pipeline.ts'
import { staticVars } from '../../config/vars/lookup.ts'
import { pipelineToJson } from '../../config/wire.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { DemoImages } from './demo-registry.ts'

const ref = { team: 'main', name: 'demo' }
export const demoFile = join(packageRoot, 'demo', 'pipeline.yml')

interface Admin {
  readonly url: string
  readonly username: string
  readonly password: string
}

/**
 * Sets the demo's pipeline where there is none, as a user would, and lets it run. One that is there stays as it is, but for the images'
 * former address. The error is a sentence.
 */
export async function setDemoPipeline({ url, username, password }: Admin, images: Pick<DemoImages, 'host' | 'former'>): Promise<Result<void, string>> {
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
    return await setIn(new ApiClient(connection.value), images)
  } finally {
    await connection.value.close()
    await revoke(known)
  }
}

async function setIn(api: ApiClient, { host, former }: Pick<DemoImages, 'host' | 'former'>): Promise<Result<void, string>> {
  const present = await api.config(ref)
  if (present.ok) return former === undefined ? ok(undefined) : await moveIn(api, present.value, { from: former, to: host })
  if (present.error.kind !== 'not-found') return fail(words(present.error))
  const parsed = parsePipeline(await readFile(demoFile), { file: demoFile, vars: staticVars({ registry: host }) })
  if (parsed.config === undefined) return fail(`${demoFile} is no pipeline`)
  const set = await api.setConfig(ref, { config: pipelineToJson(parsed.config) })
  if (!set.ok) return fail(words(set.error))
  const unpaused = await api.change(ref, 'unpause')
  return unpaused.ok ? ok(undefined) : fail(words(unpaused.error))
}

async function moveIn(api: ApiClient, { config, version }: PipelineConfigAnswer, { from, to }: { readonly from: string; readonly to: string }): Promise<Result<void, string>> {
  const moved = JSON.parse(JSON.stringify(config).replaceAll(`"${from}/`, `"${to}/`)) as JsonObject
  const set = await api.setConfig(ref, { config: moved, version })
  return set.ok ? ok(undefined) : fail(words(set.error))
}

const words = (error: ClientError): string => ('message' in error && error.message !== '' ? error.message : error.kind)
