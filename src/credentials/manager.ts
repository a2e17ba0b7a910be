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

/** A credential manager, set up with its settings or with a var source's config. It answers, and does not throw. */
export interface SecretManager {
  /** Where a var is looked for, one after the other. None: the manager can have no secret of that name. */
  paths(name: string, scope: VarScope): readonly string[]
  /** The secret at a path; undefined: there is none. */
  get(path: string, scope: VarScope): Promise<Result<FoundSecret | undefined, SecretFault>>
  /** `never`: each answer is made for whoever asks, and another one is due to the next. Absent: an answer holds for all who ask for its path. */
  readonly caching?: 'never'
  /** Called now and then while it is in use, to keep a login alive. */
  tend?(): Promise<void>
  close?(): Promise<void>
}
