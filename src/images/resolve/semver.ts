/**
 * Versions as Concourse's registry client reads them out of tags (Masterminds semver, its lenient form):
 * `v` before it, minor and patch may be missing. Numbers may be as large as a date with a time.
 */
export interface SemVer {
  /** As written. */
  readonly original: string
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  /** Without the hyphen; '' for a final version. */
  readonly pre: string
}

const pattern = /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/
const largest = 2n ** 64n - 1n

export function parseSemVer(text: string): SemVer | undefined {
  const match = text.length > 256 ? null : pattern.exec(text)
  if (match === null) return undefined
  const [major, minor, patch] = [match[1], match[2], match[3]].map((part) => BigInt(part ?? '0'))
  const pre = match[4] ?? ''
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  if (major > largest || minor > largest || patch > largest) return undefined
  if (pre.split('.').some((part) => /^0[0-9]+$/.test(part))) return undefined
  return { original: text, major, minor, patch, pre }
}

/** < 0, 0 or > 0, as semver orders them; `1`, `1.0` and `1.0.0` are equal. */
export function compareSemVer(a: SemVer, b: SemVer): number {
  return compare(a.major, b.major) || compare(a.minor, b.minor) || compare(a.patch, b.patch) || comparePre(a.pre, b.pre)
}

const compare = <T extends bigint | string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

function comparePre(a: string, b: string): number {
  if (a === b) return 0
  if (a === '') return 1
  if (b === '') return -1
  const as = a.split('.')
  const bs = b.split('.')
  for (let i = 0; i < Math.max(as.length, bs.length); i++) {
    const [x, y] = [as[i], bs[i]]
    if (x === undefined) return -1
    if (y === undefined) return 1
    const [xn, yn] = [/^[0-9]+$/.test(x), /^[0-9]+$/.test(y)]
    const order = xn && yn ? compare(BigInt(x), BigInt(y)) : xn !== yn ? (xn ? -1 : 1) : compare(x, y)
    if (order !== 0) return order
  }
  return 0
}
