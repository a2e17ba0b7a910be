import type { ImageSpec } from '../../model/image.ts'
import type { ResolvedImage } from './image-resolver.ts'

/** What a step gets: an image that the runtime pulls itself, and no artifact. */
export const imageSpecOf = (image: ResolvedImage, privileged: boolean): ImageSpec => ({
  source: {
    kind: 'registry',
    reference: image.reference,
    host: image.host,
    ...(image.credentials === undefined ? {} : { credentials: image.credentials }),
  },
  config: image.config,
  privileged,
  architectures: image.architectures,
  resolvedBy: image.how,
})
