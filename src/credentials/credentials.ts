import type { Credentials } from '../engine/ports.ts'
import type { Log } from '../lib/log.ts'
import { periodic, type Service } from '../lib/service.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Json } from '../model/json.ts'
import type { VarReference, Vars, VarScope } from '../model/var.ts'
import { cached } from './cached.ts'
import { SigningKeys, type KeyStore, type PublicJwk } from './idtoken/signing-keys.ts'
import { limited } from './limited.ts'
import { lookUp } from './lookup.ts'
import { makeServerManager, makeVarSource, type ManagerPorts } from './make-manager.ts'
import type { SecretManager } from './manager.ts'
import { ManagerPool } from './manager-pool.ts'
import type { CredentialOptions } from './options.ts'
import { retrying } from './retrying.ts'
import { VarSources } from './var-sources.ts'

export interface OpenCredentials extends Credentials {
  /** The public keys of idtoken var sources. */
  publishedKeys(): Promise<readonly PublicJwk[]>
  /** Keeps logins alive, and ends them when it stops. */
  readonly service: Service
}

export interface CredentialPorts extends ManagerPorts {
  readonly log: Log
  readonly externalUrl: string
  readonly signingKeys: KeyStore
}

/** How often logins are looked at. */
const tendEveryMs = 10_000

/** Answers for the var sources of pipelines and the server's own managers. The error says what is wrong with a setting. */
export function openCredentials(options: CredentialOptions, ports: CredentialPorts): Result<OpenCredentials, string> {
  const { clock, log } = ports
  const layered = (manager: SecretManager): SecretManager => {
    const patient = retrying(limited(manager), options.retry, clock)
    return options.cache === undefined ? patient : cached(patient, options.cache, clock)
  }
  const own: SecretManager[] = []
  for (const settings of options.managers) {
    const made = makeServerManager(settings, ports)
    if (!made.ok) return fail(`credential manager ${settings.type}: ${made.error}`)
    own.push(layered(made.value))
  }
  const keys = new SigningKeys(ports.signingKeys, options.signingKeys, clock)
  const issuer = { url: ports.externalUrl, keys }
  const make = (type: string, config: Json) => {
    const made = makeVarSource(type, config, options.access, { ...ports, issuer })
    return made.ok ? ok(layered(made.value)) : made
  }
  const pool = new ManagerPool({ make, clock, recycleMs: options.recycleMs })
  const tending = periodic({
    name: 'credential managers', clock, log, everyMs: tendEveryMs, firstAfterMs: tendEveryMs, stopMs: 1000,
    run: async () => void (await Promise.all([pool.tend(), ...own.map((manager) => manager.tend?.())])),
  })
  return ok({
    publishedKeys: () => keys.published(),
    varsOf: (scope, sources) => new VarSources({ sources, scope, others: serverVars(own, scope), managerOf: (type, config) => pool.managerOf(type, config) }),
    service: {
      ...tending,
      async stop() {
        await tending.stop()
        await Promise.all([pool.close(), ...own.map((manager) => manager.close?.())])
      },
    },
  })
}

/** The first manager that has the var answers. One that cannot be asked may have it: then there is no answer. */
function serverVars(managers: readonly SecretManager[], scope: VarScope): Vars {
  return {
    async get(reference: VarReference) {
      for (const manager of managers) {
        const found = await lookUp(manager, reference, scope)
        if (found.kind !== 'missing') return found
      }
      return { kind: 'missing' }
    },
  }
}
