import { systemClock, type Clock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { openCredentials, type OpenCredentials } from '../credentials.ts'
import { plainCredentials, type CredentialOptions } from '../options.ts'

/** Credentials without a cluster. */
export function credentialsOf(options: Partial<CredentialOptions>, clock: Clock = systemClock): OpenCredentials {
  const clusterSecrets = () => {
    throw new Error('there is no cluster')
  }
  const opened = openCredentials({ ...plainCredentials, ...options }, { clusterSecrets, clock, log: silentLog })
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}
