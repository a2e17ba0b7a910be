/** A resource version: a flat map of strings, as a check prints it (Concourse: atc.Version). */
export type Version = Readonly<Record<string, string>>

/** One line of metadata that `in` or `out` prints. */
export interface MetadataField {
  readonly name: string
  readonly value: string
}
