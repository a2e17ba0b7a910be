import { createHash } from 'node:crypto'
import type { ImageSource, RegistryCredentials } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { PrepareError, WaitReason } from '../contract.ts'
import { artifactImageName, type ImageLoader } from './image-loader.ts'
import { engineImage } from './image-name.ts'
import type { Puller } from './puller.ts'

/** Pulls or loads images of steps, and remembers for which of them credentials were accepted. */
export interface Images {
  /** What to call the image in a create call. */
  locate(source: ImageSource): Result<LocatedImage, PrepareError>
  /** Makes the image present. */
  fetch(source: ImageSource, image: LocatedImage, signal: AbortSignal, onReason: (reason: WaitReason) => void): Promise<Result<FetchedImage, PrepareError>>
}

export interface FetchedImage {
  readonly name: string
  /** The engine did not have the whole image. */
  readonly fetched: boolean
}

export interface LocatedImage {
  readonly name: string
  /** For messages. */
  readonly reference: string
  /**
   * True: the engine has to be told to fetch it, though it may have it. A tag may have moved since; and who names credentials
   * must get the image by them, not because it was pulled with other credentials.
   */
  readonly fetchFirst: boolean
  readonly digest?: string
}

export interface ImagesOptions {
  readonly puller: Puller
  /** Credentials that the machine's user has for a registry, when the source names none. */
  readonly credentialsFor?: (host: string) => Promise<RegistryCredentials | undefined>
  readonly imageLoader?: ImageLoader
}

export function createImages({ puller, credentialsFor, imageLoader }: ImagesOptions): Images {
  const proven = new Set<string>()
  const proof = (name: string, credentials: RegistryCredentials): string => createHash('sha256').update(JSON.stringify([name, credentials])).digest('hex')

  return {
    locate(source) {
      if (source.kind === 'artifact') return ok({ name: artifactImageName(source.artifact), reference: source.name, fetchFirst: false })
      const image = engineImage(source.reference)
      if (!image.ok) return fail({ kind: 'rejected', message: image.error })
      const { name, fixed } = image.value
      const unproven = source.credentials !== undefined && !proven.has(proof(name, source.credentials))
      return ok({ name, reference: source.reference, fetchFirst: !fixed || unproven, ...(fixed ? { digest: name } : {}) })
    },
    async fetch(source, image, signal, onReason) {
      const failed = (message: string): Result<FetchedImage, PrepareError> =>
        fail({ kind: 'image-pull', image: image.reference, message: `image ${image.reference} cannot be used: ${message}` })
      if (source.kind === 'artifact') {
        if (imageLoader === undefined) return failed('this runtime cannot run images that are artifacts')
        const imported = await imageLoader.import(source, signal)
        if (signal.aborted) return fail({ kind: 'aborted' })
        return imported.ok ? ok({ name: imported.value, fetched: true }) : failed(imported.error)
      }
      const credentials = source.credentials ?? (await credentialsFor?.(source.host))
      const pulled = await puller.pull(
        { name: image.name, reference: image.reference, host: source.host, ...(credentials === undefined ? {} : { credentials }) },
        signal,
        onReason,
      )
      if (pulled.ok) {
        if (source.credentials !== undefined) proven.add(proof(image.name, source.credentials))
        return ok({ name: image.name, fetched: pulled.value.fetched })
      }
      switch (pulled.error.kind) {
        case 'aborted':
          return fail({ kind: 'aborted' })
        case 'unavailable':
          return fail(pulled.error)
        case 'failed':
          return failed(pulled.error.message)
      }
    },
  }
}
