import { getKey, isObject } from '../../config/json-object.ts'
import { quote } from '../../config/quote.ts'
import type { AwsKeys } from '../../lib/aws.ts'
import type { Json } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'

/** Whose rights are used, and where. Without keys: the identity of this machine. */
interface AwsAccount {
  readonly region: string
  readonly keys?: AwsKeys
}

export interface SecretsManagerSettings extends AwsAccount {
  readonly type: 'secretsmanager'
  /** For a pipeline's secrets, a team's, and those of all. */
  readonly templates: readonly string[]
}

export interface SsmSettings extends AwsAccount {
  readonly type: 'ssm'
  readonly templates: readonly string[]
  readonly sharedPath?: string
}

export const awsTemplates = { pipeline: '/concourse/{{.Team}}/{{.Pipeline}}/{{.Secret}}', team: '/concourse/{{.Team}}/{{.Secret}}', shared: '/concourse/{{.Secret}}' } as const

/** A region is part of a host's name. */
export const isRegion = (region: string): boolean => /^[a-z]{2,5}(?:-[a-z0-9]{1,20}){1,5}$/.test(region)

/** The settings in a var source's config, which has been checked. `ownIdentity`: it may do without keys. */
export function awsSettingsOf(type: 'ssm' | 'secretsmanager', config: Json, ownIdentity: boolean): Result<SecretsManagerSettings | SsmSettings, string> {
  const text = (key: string): string => {
    const name = isObject(config) ? Object.keys(config).find((one) => one.toLowerCase() === key) : undefined
    const value = name !== undefined && isObject(config) ? getKey(config, name) : undefined
    return typeof value === 'string' ? value : ''
  }
  const region = text('region') || (ownIdentity ? (process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? '') : '')
  if (!isRegion(region)) return fail(region === '' ? 'the config needs `region`' : `${quote(region)} is no region`)
  const [accessKeyId, secretAccessKey, sessionToken] = [text('access_key'), text('secret_key'), text('session_token')]
  if (accessKeyId === '' && !ownIdentity) {
    return fail("it needs `access_key` and `secret_key`: this server's own AWS identity is not open to pipelines; the operator opens it with --var-source-access aws")
  }
  const account = { region, ...(accessKeyId !== '' && { keys: { accessKeyId, secretAccessKey, ...(sessionToken !== '' && { sessionToken }) } }) }
  const templates = [text('pipeline_secret_template') || awsTemplates.pipeline, text('team_secret_template') || awsTemplates.team]
  if (type === 'secretsmanager') return ok({ type, ...account, templates: [...templates, text('shared_secret_template') || awsTemplates.shared] })
  const sharedPath = text('shared_path')
  return ok({ type, ...account, templates, ...(sharedPath !== '' && { sharedPath }) })
}
