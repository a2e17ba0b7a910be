import { fail, ok, type Result } from '../../model/result.ts'
import { awsDomain } from '../../lib/aws.ts'
import { ecrHost, type AzureEnvironment, type CloudRegistry, type EcrRegistry } from '../cloud/cloud-registry.ts'
import { pathProblem } from '../reference/grammar.ts'
import type { ImageReference, ReferenceError } from '../reference/reference.ts'

/** The keys of a source that say which cloud gives its credentials. */
export interface CloudKeys {
  readonly aws_access_key_id?: string | null | undefined
  readonly aws_secret_access_key?: string | null | undefined
  readonly aws_session_token?: string | null | undefined
  readonly aws_region?: string | null | undefined
  readonly aws_role_arn?: string | null | undefined
  readonly aws_role_arns?: readonly string[] | null | undefined
  readonly aws_account_id?: string | null | undefined
  readonly azure_acr?: boolean | null | undefined
  readonly azure_client_id?: string | null | undefined
  readonly azure_tenant_id?: string | null | undefined
  readonly azure_environment?: AzureEnvironment | '' | null | undefined
}

/** `aws_region` selects ECR and `azure_acr` ACR; the other keys of either are ignored without it. */
export function cloudOf(given: CloudKeys): Result<CloudRegistry | undefined, string> {
  if (given.aws_region) {
    if (given.azure_acr) return fail('`aws_region` and `azure_acr` exclude each other: a registry is in one cloud')
    return ecrOf(given, given.aws_region)
  }
  if (given.azure_acr !== true) return ok(undefined)
  return ok({
    kind: 'acr',
    ...(given.azure_client_id ? { clientId: given.azure_client_id } : {}),
    ...(given.azure_tenant_id ? { tenantId: given.azure_tenant_id } : {}),
    ...(given.azure_environment ? { environment: given.azure_environment } : {}),
  })
}

function ecrOf(given: CloudKeys, region: string): Result<EcrRegistry, string> {
  // The region becomes a part of host names.
  if (!/^[a-z]{2,}(?:-[a-z0-9]+){1,5}$/.test(region)) return fail('`aws_region` is not a region (such as eu-west-1)')
  const account = given.aws_account_id ?? ''
  if (account !== '' && !/^\d{12}$/.test(account)) return fail('`aws_account_id` must be 12 digits, in quotes')
  if (given.aws_role_arn && (given.aws_role_arns ?? []).length > 0) return fail('`aws_role_arn` and `aws_role_arns` exclude each other: list all roles under `aws_role_arns`')
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey, aws_session_token: sessionToken } = given
  return ok({
    kind: 'ecr',
    region,
    roles: given.aws_role_arn ? [given.aws_role_arn] : (given.aws_role_arns ?? []),
    ...(account === '' ? {} : { accountId: account }),
    ...(accessKeyId && secretAccessKey ? { keys: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } } : {}),
  })
}

/** The name alone: which registry it is in follows from account and region, and without an account from the login. */
export function ecrRepository(name: string, { accountId, region }: EcrRegistry): Result<ImageReference, ReferenceError> {
  const invalid = (detail: string) => fail<ReferenceError>({ kind: 'invalid-reference', text: name, detail })
  if (name.includes('.dkr.ecr.')) return invalid('`repository` is the name alone where `aws_region` is given: leave the host out')
  if (name.includes(':')) return invalid('`repository` names a tag or a digest: put it under `tag` or `digest`')
  const problem = pathProblem(name)
  if (problem !== undefined) return invalid(problem)
  return ok({ registry: accountId === undefined ? `dkr.ecr.${region}.${awsDomain(region)}` : ecrHost(accountId, region), repository: name })
}
