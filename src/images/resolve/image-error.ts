import { cleanText, describeRegistryError, type RegistryError } from '../registry/registry-error.ts'

/** Why an image could not be resolved. */
export type ImageError =
  /** The source itself is wrong, or asks for something that is not built. */
  | { readonly kind: 'source'; readonly image: string; readonly detail: string }
  | { readonly kind: 'registry'; readonly error: RegistryError }
  /** The image exists, but for other platforms. */
  | { readonly kind: 'platform'; readonly image: string; readonly wanted: string; readonly available: readonly string[] }
  /** The image's documents are not what they must be. */
  | { readonly kind: 'malformed'; readonly image: string; readonly detail: string }

/** One line that names the image, where it can the registry, and the cause. */
export function describeImageError(error: ImageError): string {
  switch (error.kind) {
    case 'source':
      return `registry-image source${error.image === '' ? '' : ` ${cleanText(error.image, [])}`}: ${cleanText(error.detail, [])}`
    case 'registry':
      return describeRegistryError(error.error)
    case 'platform':
      return `no image for ${cleanText(error.wanted, [])}: ${error.image} has ${error.available.length === 0 ? 'none' : cleanText(error.available.join(', '), [])}`
    case 'malformed':
      return `malformed image: ${error.image}: ${cleanText(error.detail, [])}`
  }
}
