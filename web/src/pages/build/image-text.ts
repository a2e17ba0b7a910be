import type { Image } from '../../api/types.ts'
import { duration } from '../../timeline/scale.ts'

/** How the digest was found. */
export const byText: Readonly<Record<Image['by'], string>> = {
  check: 'by a check',
  pin: 'pinned in the config',
  tag: 'by its tag',
  node: 'found by its node',
  artifact: 'an artifact of the build',
  'base-type': 'of a base type',
}

/** `sha256:9c1e4f0b…a27d`. */
export const shortDigest = (digest: string): string => (digest.length <= 28 ? digest : `${digest.slice(0, 15)}…${digest.slice(-4)}`)

export const requestsText = ({ by, requests, ms }: Image): string => `${byText[by]}: ${requests} ${requests === 1 ? 'request' : 'requests'}${ms === undefined ? '' : `, ${duration(ms)}`}`

export function pullText({ pull }: Image): string | undefined {
  if (pull === undefined) return undefined
  const where = pull.node ?? 'the engine'
  return pull.cached ? `was on ${where}` : pull.ms === undefined ? `pulled on ${where}` : `${where} pulled it in ${duration(pull.ms)}`
}

export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const [unit, of] = bytes < 1e6 ? (['kB', 1e3] as const) : bytes < 1e9 ? (['MB', 1e6] as const) : (['GB', 1e9] as const)
  return `${(bytes / of).toFixed(1)} ${unit}`
}
