import { execFile } from 'node:child_process'
import { z } from 'zod'
import { boundedString } from '../../lib/bounded.ts'
import type { RegistryCredentials } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { serverName } from './docker-config.ts'

/** Asks a credential helper; undefined: it has none for this registry. The error is one clause without its output. */
export type AskHelper = (
  helper: string,
  registry: string,
  signal?: AbortSignal,
) => Promise<Result<RegistryCredentials | undefined, string>>

/** In bytes. */
const answerLimit = 256 * 1024
const answer = z.object({ Username: boundedString(answerLimit), Secret: boundedString(answerLimit) })
const timeoutMs = 20_000

/** Runs `docker-credential-NAME get`, as Docker does: the server's name on stdin, JSON on stdout. */
export const runCredentialHelper: AskHelper = (helper, registry, signal) => {
  const program = `docker-credential-${helper}`
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, maxBuffer: answerLimit, ...(signal === undefined ? {} : { signal }) }
    const child = execFile(program, ['get'], options, (error, stdout) => {
      if (error !== null) {
        // Helpers say "credentials not found" on stdout and exit with 1.
        if (/credentials not found|no credentials/i.test(stdout)) return resolve(ok(undefined))
        return resolve(fail(`${program} ${error.code === 'ENOENT' ? 'is not installed' : 'failed'}`))
      }
      let json: unknown
      try {
        json = JSON.parse(stdout)
      } catch {
        return resolve(fail(`${program} gave no JSON`))
      }
      const parsed = answer.safeParse(json)
      if (!parsed.success) return resolve(fail(`${program} gave no credentials`))
      const { Username: username, Secret: password } = parsed.data
      resolve(ok(username === '' || password === '' ? undefined : { username, password }))
    })
    child.stdin?.on('error', () => undefined) // it may end without reading
    child.stdin?.end(serverName(registry))
  })
}
