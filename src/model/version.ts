/** A resource version: a flat map of strings, as a check prints it (Concourse: atc.Version). */
export type Version = Readonly<Record<string, string>>

/** Versions that one check may find: each becomes a row, and a registry is asked about each of its tags. */
export const versionsLimit = 50_000

/** One line of metadata that `in` or `out` prints. */
export interface MetadataField {
  readonly name: string
  readonly value: string
}
