import { ok } from '../../model/result.ts'
import type { SecretManager } from '../manager.ts'

/** Variables of this process that begin with a prefix: `((github-token))` is PREFIXgithub-token, or else PREFIXGITHUB_TOKEN. They are all teams'. */
export function environmentManager(prefix: string, env: NodeJS.ProcessEnv = process.env): SecretManager {
  return {
    paths: (name) => [...new Set([`${prefix}${name}`, `${prefix}${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`])],
    get(path) {
      const value = env[path]
      return Promise.resolve(ok(value === undefined || value === '' ? undefined : { value }))
    },
  }
}
