import { awsDomain, type AwsKeys } from '../../lib/aws.ts'
/** A registry whose credentials a cloud gives out, as a source names it. */
export type CloudRegistry = EcrRegistry | AcrRegistry

export interface EcrRegistry {
  readonly kind: 'ecr'
  readonly region: string
  /** Absent: the account that the identity belongs to. */
  readonly accountId?: string
  /** Absent: the server's own identity. */
  readonly keys?: AwsKeys
  /** Taken on one after the other. */
  readonly roles: readonly string[]
}

export interface AcrRegistry {
  readonly kind: 'acr'
  /** Of a user-assigned managed identity; absent: the system-assigned one. */
  readonly clientId?: string
  /** The registry's tenant; absent: the one that its challenge names. */
  readonly tenantId?: string
  readonly environment?: AzureEnvironment
}

export const azureEnvironments = ['AzurePublic', 'AzureGovernment', 'AzureChina'] as const
export type AzureEnvironment = (typeof azureEnvironments)[number]

/** Whether this server's own identity is asked for, and not keys that the source names. */
export const isOwnIdentity = (registry: CloudRegistry): boolean => registry.kind === 'acr' || registry.keys === undefined

/** Where an account's repositories of a region are; China's have a domain of their own. */
export const ecrHost = (accountId: string, region: string): string => `${accountId}.dkr.ecr.${region}.${awsDomain(region)}`
