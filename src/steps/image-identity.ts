import type { ImageSpec } from '../model/image.ts'

/** Whether an identity is its content's: a tag's image may be another one next time. */
export const knownByContent = (identity: string): boolean => identity.includes('sha256:') || identity.includes('sha512:')

/** Same text, same content: what tells one type's image from another in cache keys and container names. */
export function imageIdentity(image: ImageSpec): string {
  switch (image.source.kind) {
    case 'registry':
      return image.source.reference
    case 'artifact':
      return image.source.artifact.digest
  }
}
