import type { ImageSpec } from '../model/image.ts'

/** Whether an identity stands for fixed content; a tag may name another image next time. */
export const knownByContent = (identity: string): boolean => identity.includes('sha256:') || identity.includes('sha512:')

/** Identifies an image in cache keys: equal texts mean equal content. */
export function imageIdentity(image: ImageSpec): string {
  switch (image.source.kind) {
    case 'registry':
      return image.source.reference
    case 'artifact':
      return image.source.artifact.digest
  }
}
