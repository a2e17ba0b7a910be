import type { Json } from '../model/json.ts'
import type { Result } from '../model/result.ts'
import type { VarScope } from '../model/var.ts'

/** A secret as its manager has it: one value, or a map of fields. */
export interface FoundSecret {
  readonly value: Json
  /** How long it may be used, ms; absent: the manager does not say. */
  readonly leaseMs?: number
}

/** Why a manager gave no answer. The message is one line and holds no secret. */
export interface SecretFault {
  readonly message: string
  /** Another try may succeed: the manager could not be reached, or has a failure of its own. */
  readonly retryable: boolean
}

export type SecretAnswer = Result<FoundSecret | undefined, SecretFault>

/** A credential manager, set up with its settings or with a var source's config. It answers, and does not throw. */
export interface SecretManager {
  /** Where a var is looked for, one after the other. None: the manager can have no secret of that name. */
  paths(name: string, scope: VarScope): readonly string[]
  /** The secret at a path; undefined: there is none. */
  get(path: string, scope: VarScope): Promise<SecretAnswer>
  /** `never`: each answer is made for whoever asks. Absent: an answer holds for all who ask for its path. */
  readonly caching?: 'never'
  /** Called now and then while it is in use, to keep a login alive. */
  tend?(): Promise<void>
  close?(): Promise<void>
}

/** The largest secret, as its manager sends it: Kubernetes and Vault have 1 MiB too. */
export const largestSecret = 1024 * 1024

export const permanentFault = (message: string): SecretFault => ({ message, retryable: false })
export const passingFault = (message: string): SecretFault => ({ message, retryable: true })
