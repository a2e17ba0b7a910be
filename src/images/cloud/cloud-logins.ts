import { createHash } from 'node:crypto'
import { systemClock, type Clock } from '../../lib/clock.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { matchesHost } from '../reference/host-pattern.ts'
import { errorOfThrown, registryError } from '../registry/classify.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import type { RetryPolicy } from '../registry/retry.ts'
import { SingleFlight } from '../registry/single-flight.ts'
import { trustOf, type RegistryTarget } from '../registry/target.ts'
import { acrLogin } from './acr.ts'
import { CloudHttp } from './cloud-http.ts'
import type { CloudLogin } from './cloud-login.ts'
import { awsDomain } from '../../lib/aws.ts'
import { isOwnIdentity, type CloudRegistry } from './cloud-registry.ts'
import { ecrLogin } from './ecr.ts'

export interface CloudLoginsOptions {
  readonly clock?: Clock
  readonly env?: NodeJS.ProcessEnv
  readonly retry?: RetryPolicy
  /**
   * Registries for which this machine's own identity may be used (`*.azurecr.io`, `*.dkr.ecr.eu-west-1.amazonaws.com`).
   * Who writes a pipeline chooses the host: without a word of the operator, none.
   */
  readonly ownIdentity?: readonly string[]
}

/** A login serves until so much of its time is left, in ms; one of unknown length for an hour. */
const margin = 10 * 60_000
const unknownLife = 70 * 60_000
const loginsKept = 1000

/** Logs in to the registries of clouds; a login is kept while it lasts. */
export class CloudLogins {
  readonly #http: CloudHttp
  readonly #clock: Clock
  readonly #env: NodeJS.ProcessEnv
  readonly #ownIdentity: readonly string[]
  readonly #kept = new Map<string, CloudLogin & { readonly until: number }>()
  readonly #flights = new SingleFlight<Result<CloudLogin, RegistryError>>()

  constructor(options: CloudLoginsOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#env = options.env ?? process.env
    this.#ownIdentity = options.ownIdentity ?? []
    this.#http = new CloudHttp({ clock: this.#clock, env: this.#env, ...(options.retry && { retry: options.retry }) })
  }

  /** `target`: the image it is for; of ECR, without an account in the source, its host is not known before. */
  async login(cloud: CloudRegistry, target: RegistryTarget, signal?: AbortSignal): Promise<Result<CloudLogin, RegistryError>> {
    const refused = this.#refusal(cloud, target)
    if (refused !== undefined) return fail(refused)
    const key = createHash('sha256').update(JSON.stringify([cloud, cloud.kind === 'acr' ? [target.registry, trustOf(target)] : ''])).digest('hex')
    const known = this.#kept.get(key)
    if (known !== undefined && known.until > this.#clock.now()) return this.#permitted(cloud, target, known)
    try {
      const login = await this.#flights.run(key, signal, async (shared) => {
        const fresh = await this.#ask(cloud, target, shared)
        if (fresh.ok) this.#keep(key, fresh.value)
        return fresh
      })
      return login.ok ? this.#permitted(cloud, target, login.value) : login
    } catch (error) {
      return fail(errorOfThrown({ target }, error, target.registry, signal))
    }
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  #ask(cloud: CloudRegistry, target: RegistryTarget, signal: AbortSignal): Promise<Result<CloudLogin, RegistryError>> {
    const session = { http: this.#http, env: this.#env, context: { target }, signal }
    return cloud.kind === 'ecr' ? ecrLogin(cloud, { ...session, region: cloud.region }) : acrLogin(cloud, session)
  }

  /** Checks that need no request. */
  #refusal(cloud: CloudRegistry, target: RegistryTarget): RegistryError | undefined {
    if (cloud.kind === 'acr') return this.#isAllowed(target.registry) ? undefined : notAllowed(target, target.registry)
    if (cloud.keys !== undefined) return undefined
    const domain = `.dkr.ecr.${cloud.region}.${awsDomain(cloud.region)}`
    return this.#ownIdentity.some((pattern) => pattern.endsWith(domain)) ? undefined : notAllowed(target, `*${domain}`)
  }

  #permitted(cloud: CloudRegistry, target: RegistryTarget, login: CloudLogin): Result<CloudLogin, RegistryError> {
    return !isOwnIdentity(cloud) || this.#isAllowed(login.registry) ? ok(login) : fail(notAllowed(target, login.registry))
  }

  #isAllowed(host: string): boolean {
    return this.#ownIdentity.some((pattern) => matchesHost(pattern, host))
  }

  #keep(key: string, login: CloudLogin): void {
    const until = (login.expires ?? this.#clock.now() + unknownLife) - margin
    if (until <= this.#clock.now()) return
    this.#kept.set(key, { ...login, until })
    const oldest = this.#kept.size > loginsKept ? this.#kept.keys().next() : undefined
    if (oldest?.done === false) this.#kept.delete(oldest.value)
  }
}

const notAllowed = (target: RegistryTarget, host: string): RegistryError =>
  registryError({ target }, 'unauthorized', `the source names no keys, and this server's own identity is not for ${host}: its operator may allow it with --cloud-identity '${host}'`)
