import type { JsonObject } from './json.ts'

/** What routes are about, as Concourse groups them for its auditing. */
export const auditGroups = ['build', 'container', 'job', 'pipeline', 'resource', 'system', 'team', 'volume', 'worker'] as const
export type AuditGroup = (typeof auditGroups)[number]

/** Something that somebody did, or was refused. */
export interface AuditEntry {
  /** Unix ms. */
  readonly at: number
  /** The route's name, as Concourse has it; `LogIn`. */
  readonly action: string
  readonly user?: { readonly id?: number; /** `connector:name` */ readonly name: string }
  readonly token?: { readonly kind: string; readonly id: number }
  readonly team?: string
  /** The path that was asked for, without its query. */
  readonly subject: string
  /** Of the answer, as HTTP has it. */
  readonly status: number
  readonly address: string
  /** More of what changed, without secrets. */
  readonly detail?: JsonObject
}

export interface StoredAuditEntry extends AuditEntry {
  readonly id: number
}

export interface AuditLog {
  add(entry: AuditEntry): Promise<void>
  /** The newest first; `team`: of it alone; ids inclusive. */
  page(options: { readonly team?: string; readonly from?: number; readonly to?: number; readonly limit: number }): Promise<readonly StoredAuditEntry[]>
}
