/** A resource version: a flat map of strings, as a check prints it (Concourse: atc.Version). */
export type Version = Readonly<Record<string, string>>

/** One line of metadata that `in` or `out` prints. */
export interface MetadataField {
  readonly name: string
  readonly value: string
}

/** Same keys, same values, in any order. */
export function sameVersion(a: Version, b: Version): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}
