import type { Json, JsonObject } from './json.ts'

/** `((source:path.field.field))`. A local var has the source `.`. */
export interface VarReference {
  readonly source?: string
  readonly path: string
  readonly fields: readonly string[]
}

export interface FoundValue {
  readonly kind: 'found'
  readonly value: Json
  readonly secret: boolean
  /** A number may stand in the middle of a text: Concourse knows the digits of those that options and steps give, not of a file's. */
  readonly numbersAsText?: boolean
}

/** What a look-up says about a reference. Values that are `secret` are taken out of logs. */
export type FoundVar =
  | FoundValue
  | { readonly kind: 'missing' }
  /** The var is there, but not the field that the reference names. */
  | { readonly kind: 'missing-field' | 'not-a-map'; readonly name: string; readonly field: string }
  /** No var source has the name before the colon. */
  | { readonly kind: 'missing-source'; readonly name: string; readonly source: string }
  /** Its var source could not be asked. `message` holds no secret. */
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }

/** Where values of vars come from: given with a build, credential managers. It answers, and does not throw. */
export interface Vars {
  get(reference: VarReference): Promise<FoundVar>
}

/** Whose vars are looked up: paths of credential managers are made of these names. */
export interface VarScope {
  readonly team: string
  readonly pipeline?: string
  readonly instanceVars?: JsonObject
  readonly job?: string
}

/** A var that a step has set (`((.:name))`), for the steps after it in its scope. */
export interface LocalVar {
  readonly value: Json
  readonly secret: boolean
}
