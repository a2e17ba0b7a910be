import type { Descriptor, Platform } from '../registry/media-types.ts'
import type { WantedPlatform } from './image-source.ts'

/** This process's own platform in Go's names: the default. */
export const ownArchitecture = (arch: string = process.arch): string => goNames[arch] ?? arch

const goNames: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le', mipsel: 'mipsle' }

/**
 * The index's manifest for a platform. A platform that the source or the nodes ask for must be there. Without one, this machine's
 * platform is preferred, but any other is taken, since the nodes that will run the image may be of another one.
 */
export function selectManifest(manifests: readonly Descriptor[], wanted: WantedPlatform | undefined): Descriptor | undefined {
  const images = manifests.filter((manifest) => isImage(manifest.platform))
  const [architecture, variant] = (wanted?.architecture ?? ownArchitecture()).split('/')
  const os = wanted?.os ?? 'linux'
  const sameSystem = images.filter(({ platform }) => platform === undefined || platform.os === os)
  const matching = sameSystem.filter(({ platform }) => platform?.architecture === architecture)
  const exact = matching.find(({ platform }) => variant !== undefined && platform?.variant === variant)
  if (exact !== undefined) return exact
  // arm64 and arm64/v8 are the same machine.
  const found =
    matching.find(({ platform }) => variant === undefined || platform?.variant === undefined) ??
    // Its platform is only in its config.
    sameSystem.find(({ platform }) => platform === undefined)
  if (found !== undefined || wanted?.architecture !== undefined) return found
  return sameSystem[0]
}

/** Build attestations stand in indexes under `unknown`. */
const isImage = (platform: Platform | undefined): boolean => platform?.os !== 'unknown' && platform?.architecture !== 'unknown'

export const platformName = (platform: Platform): string =>
  `${platform.os}/${platform.architecture}${platform.variant === undefined ? '' : `/${platform.variant}`}`

export const platformNames = (manifests: readonly Descriptor[]): string[] => [
  ...new Set(manifests.flatMap(({ platform }) => (platform !== undefined && isImage(platform) ? [platformName(platform)] : []))),
]

/** Architectures of an index for one operating system, each once; none where some do not say. */
export function architecturesOf(manifests: readonly Descriptor[], os: string): string[] {
  const platforms = manifests.flatMap(({ platform }) => (isImage(platform) && (platform?.os ?? os) === os ? [platform?.architecture] : []))
  return platforms.includes(undefined) ? [] : [...new Set(platforms as string[])]
}
