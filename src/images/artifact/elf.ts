/** Bytes of a file's beginning that say for which machine it is. */
export const elfBytes = 20

const machines: Readonly<Record<number, string>> = { 3: '386', 22: 's390x', 40: 'arm', 62: 'amd64', 183: 'arm64', 243: 'riscv64', 258: 'loong64' }
const powerpc = 21

/** The architecture (Go's name) of an ELF file, by its first 20 bytes; undefined: it is none, or for a machine that is not known. */
export function elfArchitecture(start: Uint8Array): string | undefined {
  if (start.length < elfBytes || start[0] !== 0x7f || start[1] !== 0x45 || start[2] !== 0x4c || start[3] !== 0x46) return undefined
  const little = start[5] === 1
  const [low, high] = little ? [start[18], start[19]] : [start[19], start[18]]
  const machine = (low ?? 0) + 256 * (high ?? 0)
  return machine === powerpc ? (little ? 'ppc64le' : 'ppc64') : machines[machine]
}
