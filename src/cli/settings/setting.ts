import type { Result } from '../../model/result.ts'

/** How a value is written, and read from text. The error of `parse` is a clause that says what to write instead. */
export type ValueType<T = unknown> =
  | { readonly form: 'one'; readonly placeholder: string; readonly choices?: readonly string[]; readonly parse: Parse<T>; readonly show?: Show }
  /** Given several times; in the environment one a line, in a file a list. */
  | { readonly form: 'list'; readonly placeholder: string; readonly parse: Parse<T>; readonly show?: Show; readonly pairs?: true }
  /** A flag that may stand alone or with a value. */
  | { readonly form: 'optional'; readonly placeholder: string; readonly parse: Parse<T>; readonly show?: Show }
  | { readonly form: 'switch' }

type Parse<T> = (text: string) => Result<T, string>
/** How an error quotes a value that may hold a password. */
type Show = (text: string) => string

/** One flag of a command. */
export interface Flag {
  readonly type: ValueType
  /** One line of the help, without a full stop. */
  readonly summary: string
  readonly group?: Group
  /** One letter. */
  readonly short?: string
  /** As it would be written. */
  readonly default?: string | (() => string)
  /** What holds when nothing is given and there is no default, or how a default that depends on the machine is written down. */
  readonly otherwise?: string
}

/** What can be set by a flag, in the environment and in a file alike. */
export interface Setting extends Flag {
  readonly group: Group
  readonly commands: readonly CommandName[]
  /** It means something with this runtime only. */
  readonly runtime?: 'docker' | 'kubernetes'
  /** The parts of a value that nobody may see. */
  readonly secret?: (text: string) => readonly string[]
  /** The variable of Concourse's web node that means the same, or several that together do. */
  readonly concourse?: string | ConcourseVariables
  /** More for docs/settings.md: sentences. */
  readonly details?: string
}

/** Several variables of Concourse that make one value here. */
export interface ConcourseVariables {
  readonly names: readonly string[]
  /** Undefined when none of those that matter is there. */
  readonly read: (variable: (name: string) => string | undefined) => string | undefined
}

/** In the order of the help. */
export const groups = ['Job and inputs', 'Runtime', 'Images', 'Kubernetes', 'Docker', 'Interception', 'Data', 'Credentials', 'Server', 'Login', 'Advanced'] as const
export type Group = (typeof groups)[number]

export type CommandName = 'run' | 'web' | 'demo' | 'intercept' | 'clean' | 'supervisor push' | 'server push'

type Camel<Name> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name

type Parsed<Type> = Type extends { readonly parse: (text: string) => infer Read } ? (Read extends { readonly ok: true; readonly value: infer T } ? T : never) : never

type ValueOf<F extends Flag> = F['type']['form'] extends 'switch'
  ? boolean
  : F['type']['form'] extends 'list'
    ? readonly Parsed<F['type']>[]
    : F['type']['form'] extends 'optional'
      ? Parsed<F['type']> | true | undefined
      : F extends { readonly default: unknown }
        ? Parsed<F['type']>
        : Parsed<F['type']> | undefined

/** The values of a table of flags, by their names in camel case. */
export type Values<Table extends Readonly<Record<string, Flag>>> = { readonly [Name in keyof Table as Camel<Name>]: ValueOf<Table[Name]> }

/** `image-registry` as a property: `imageRegistry`. */
export const propertyOf = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
/** `image-registry` in the environment: `AIRSIDE_IMAGE_REGISTRY`. */
export const variableOf = (name: string): string => `AIRSIDE_${name.replaceAll('-', '_').toUpperCase()}`
