import { systemClock, type Clock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { fail } from '../../model/result.ts'
import { openCredentials, type CredentialPorts, type OpenCredentials } from '../credentials.ts'
import { plainCredentials, type CredentialOptions } from '../options.ts'

/** A machine without a cluster and without an identity at AWS. */
export const noPorts: CredentialPorts = {
  clusterSecrets() {
    throw new Error('there is no cluster')
  },
  awsIdentity: () => Promise.resolve(fail({ message: 'this machine has no AWS identity', retryable: false })),
  clock: systemClock,
  log: silentLog,
}

export function credentialsOf(options: Partial<CredentialOptions>, clock: Clock = systemClock): OpenCredentials {
  const opened = openCredentials({ ...plainCredentials, ...options }, { ...noPorts, clock })
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}
