import { systemClock, type Clock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { fail } from '../../model/result.ts'
import { openCredentials, type CredentialPorts, type OpenCredentials } from '../credentials.ts'
import { SigningKeys, type KeyStore } from '../idtoken/signing-keys.ts'
import { plainCredentials, type CredentialOptions } from '../options.ts'

/** Keys of one test, or of several that share `stored`. */
export function memoryKeys(stored = new Map<string, string>()): KeyStore {
  return {
    async getOrPut(name, make) {
      const value = stored.get(name) ?? (await make())
      if (!stored.has(name)) stored.set(name, value)
      return stored.get(name) ?? value
    },
    list: (prefix) => Promise.resolve([...stored].filter(([name]) => name.startsWith(prefix))),
    remove: (name) => Promise.resolve(void stored.delete(name)),
  }
}

/** A machine without a cluster and without an identity at AWS. */
export const noPorts: CredentialPorts = {
  clusterSecrets() {
    throw new Error('there is no cluster')
  },
  awsIdentity: () => Promise.resolve(fail({ message: 'this machine has no AWS identity', retryable: false })),
  clock: systemClock,
  log: silentLog,
  externalUrl: '',
  signingKeys: memoryKeys(),
}

export function credentialsOf(options: Partial<CredentialOptions>, clock: Clock = systemClock): OpenCredentials {
  const opened = openCredentials({ ...plainCredentials, ...options }, { ...noPorts, clock })
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}

/** The same, for making a var source by itself. */
export const noVarSourcePorts = { ...noPorts, issuer: { url: '', keys: new SigningKeys(noPorts.signingKeys, plainCredentials.signingKeys, systemClock) } }
