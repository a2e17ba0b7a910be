import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { systemClock, type Clock } from '../../lib/clock.ts'
import { KeptMap } from '../../lib/kept-map.ts'
import type { RegistryCredentials } from '../../model/image.ts'
import { SingleFlight } from '../registry/single-flight.ts'
import type { CredentialSource } from '../resolve/credential-source.ts'
import { runCredentialHelper, type AskHelper } from './credential-helper.ts'
import { findAuth, parseDockerConfig, type DockerConfig } from './docker-config.ts'

export interface DockerConfigOptions {
  /** Default: config.json in $DOCKER_CONFIG or ~/.docker. */
  readonly file?: string
  readonly clock?: Pick<Clock, 'now'>
  readonly askHelper?: AskHelper
  /** Told when the file or a helper cannot be used; one line without secrets. */
  readonly onProblem?: (line: string) => void
}

/** A helper is a process; its answer is used for this long, in ms. */
const helperAnswerMs = 60_000
const answersKept = 10_000

const defaultDockerConfigFile = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json')

/** Credentials from a docker config file, read again when it changes. Each is given for the registry that it names, and no other. */
export function dockerConfigCredentials(options: DockerConfigOptions = {}): CredentialSource {
  const file = options.file ?? defaultDockerConfigFile()
  const clock = options.clock ?? systemClock
  const askHelper = options.askHelper ?? runCredentialHelper
  const answers = new KeptMap<string, { credentials: RegistryCredentials | undefined; until: number }>(answersKept)
  const flights = new SingleFlight<RegistryCredentials | undefined>()
  let read: { stamp: string; config: DockerConfig | undefined } | undefined

  const config = async (): Promise<DockerConfig | undefined> => {
    const info = await stat(file).catch(() => undefined)
    if (info === undefined) return undefined
    const stamp = `${info.mtimeMs} ${info.size} ${info.ino}`
    if (read?.stamp !== stamp) {
      const parsed = parseDockerConfig(await readFile(file, 'utf8').catch(() => ''))
      if (!parsed.ok) options.onProblem?.(`${file} is not used: ${parsed.error}`)
      read = { stamp, config: parsed.ok ? parsed.value : undefined }
      answers.clear()
    }
    return read.config
  }

  const fromHelper = (helper: string, registry: string, signal?: AbortSignal): Promise<RegistryCredentials | undefined> => {
    const key = `${helper} ${registry}`
    const known = answers.get(key)
    if (known !== undefined && known.until > clock.now()) return Promise.resolve(known.credentials)
    return flights.run(key, signal, async (shared) => {
      const asked = await askHelper(helper, registry, shared)
      if (!asked.ok) {
        options.onProblem?.(asked.error)
        return undefined
      }
      answers.set(key, { credentials: asked.value, until: clock.now() + helperAnswerMs })
      return asked.value
    })
  }

  return {
    async find(registry, repository, signal) {
      const known = await config()
      if (known === undefined) return undefined
      const helper = known.credHelpers.get(registry) ?? known.credsStore
      const helped = helper === undefined ? undefined : await fromHelper(helper, registry, signal)
      return helped ?? findAuth(known, registry, repository)
    },
  }
}

/** Credentials of a docker config that is in hand already, e.g. of an image pull secret. Helpers are not run for it. */
export const credentialsOfConfig = (config: DockerConfig): CredentialSource => ({
  find: (registry, repository) => Promise.resolve(findAuth(config, registry, repository)),
})

/** The first that has some. */
export const firstOf = (...sources: readonly CredentialSource[]): CredentialSource => ({
  async find(registry, repository, signal) {
    for (const source of sources) {
      const found = await source.find(registry, repository, signal)
      if (found !== undefined) return found
    }
    return undefined
  },
})
