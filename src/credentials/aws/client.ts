import { awsEndpoint, signedHeaders, type AwsKeys } from '../../lib/aws.ts'
import type { Clock } from '../../lib/clock.ts'
import { Redactor } from '../../lib/redactor.ts'
import { printable } from '../../lib/visible.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { jsonObject, SecretHttp } from '../http.ts'
import { passingFault, permanentFault, type SecretFault } from '../manager.ts'

/** Gives the keys of this machine's own AWS identity; app/ has them found. */
export type AwsIdentity = (region: string) => Promise<Result<AwsKeys, SecretFault>>

export interface AwsClientOptions {
  readonly service: 'secretsmanager' | 'ssm'
  readonly region: string
  /** Absent: those of this machine. */
  readonly keys?: AwsKeys
  readonly identity: AwsIdentity
  readonly clock: Clock
  readonly env?: NodeJS.ProcessEnv
}

/** An answer, or the code of an error that its API documents. */
export type AwsAnswer = { readonly kind: 'answer'; readonly value: JsonObject } | { readonly kind: 'error'; readonly code: string; readonly message: string }

const services = {
  secretsmanager: { name: 'AWS Secrets Manager', target: 'secretsmanager', variable: 'SECRETS_MANAGER' },
  ssm: { name: 'AWS SSM', target: 'AmazonSSM', variable: 'SSM' },
} as const

const timeoutMs = 30_000
/** Keys of the machine last an hour or more; those that it gave are used for so long. */
const identityMs = 300_000

/** Calls of one of AWS's JSON APIs. */
export class AwsClient {
  readonly #options: AwsClientOptions
  readonly #http = new SecretHttp()
  readonly #redactor = new Redactor()
  #own: { readonly keys: AwsKeys; readonly until: number } | undefined

  constructor(options: AwsClientOptions) {
    this.#options = options
  }

  async call(action: string, input: JsonObject): Promise<Result<AwsAnswer, SecretFault>> {
    const { service, region, env = process.env } = this.#options
    const { name, target, variable } = services[service]
    const keys = await this.#keys()
    if (!keys.ok) return keys
    this.#redactor.add([keys.value.secretAccessKey, keys.value.sessionToken ?? ''])
    const request = {
      url: awsEndpoint(`${service}.${region}`, variable, region, env),
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.${action}` },
      body: JSON.stringify(input),
      region, service,
    }
    const answer = await this.#http.send(`${name} in ${region}`, { method: 'POST', url: request.url, headers: await signedHeaders(request, keys.value), body: request.body, timeoutMs })
    if (!answer.ok) return answer
    const { status, text } = answer.value
    const value = jsonObject(text)
    if (status === 200) return value === undefined ? fail(permanentFault(`${name} in ${region} answered with something that is no JSON object`)) : ok({ kind: 'answer', value })
    const [type, said] = [value?.['__type'], value?.['message'] ?? value?.['Message']]
    const code = typeof type === 'string' ? (type.split('#').at(-1) ?? '') : ''
    const words = this.#redactor.redact(printable(typeof said === 'string' ? said : '')).slice(0, 300)
    const message = `${name} in ${region} answered ${[`${status}`, code, words].filter(Boolean).join(': ')}`
    if (status >= 500 || status === 429 || /Throttl|TooManyRequests|RequestLimit/.test(code)) return fail(passingFault(message))
    if (/ExpiredToken|UnrecognizedClient|InvalidClientToken/.test(code)) this.#own = undefined
    return ok({ kind: 'error', code, message })
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  async #keys(): Promise<Result<AwsKeys, SecretFault>> {
    const { keys, identity, region, clock } = this.#options
    if (keys !== undefined) return ok(keys)
    if (this.#own !== undefined && this.#own.until > clock.now()) return ok(this.#own.keys)
    const own = await identity(region)
    if (own.ok) this.#own = { keys: own.value, until: clock.now() + identityMs }
    return own
  }
}
