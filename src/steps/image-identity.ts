import type { ImageSpec } from '../model/image.ts'

/** Same text, same content: what tells one type's image from another in cache keys and container names. */
export function imageIdentity(image: ImageSpec): string {
  switch (image.source.kind) {
    case 'registry':
      return image.source.reference
    case 'artifact':
      return image.source.artifact.digest
  }
}
