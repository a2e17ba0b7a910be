import { createHash } from 'node:crypto'
import type { Version } from '../model/version.ts'

/** A version that a database cannot hold: NUL, or a surrogate without its other half. */
export class UnstorableVersionError extends Error {
  override readonly name = 'UnstorableVersionError'
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Keys in order, so that equal versions have equal texts. */
export function canonicalJson(version: Version): string {
  for (const part of Object.entries(version).flat()) {
    if (part.includes('\0') || !part.isWellFormed()) throw new UnstorableVersionError('a version holds a NUL or something that is not Unicode')
  }
  // Not by assignment to an object, which would lose a key named __proto__.
  const pairs = Object.entries(version).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`
}
