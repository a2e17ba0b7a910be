import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { tarHeader, type TarEntry } from './tar-header.ts'

const whole = 1_700_000_000n * 1_000_000_000n
const fraction = whole + 123_450_000n
const d = (count: number): string => 'd'.repeat(count)

// The hashes are those of what Go's archive/tar writes for the same headers in its PAX format.
test.each<[string, Omit<Partial<TarEntry>, 'name'> & { name: string | Buffer }]>([
  ['0e49d6ddf47487a0', { type: 'directory', name: './', mode: 0o755 }],
  ['93c61d4eb01bef81', { type: 'directory', name: './', mode: 0o755, mtimeNs: fraction }],
  ['acc134af4473132c', { name: 'a', mode: 0o4755, uid: 1000, gid: 3_000_000 }],
  ['f7b81359f686c30e', { name: 'ä/ö' }],
  ['c4132e069097d734', { type: 'directory', name: 'x/y/', mode: 0o755, mtimeNs: -4_500_000_000n }],
  ['3adc9c8b489961ea', { name: `${d(60)}/${d(80)}` }],
  ['a597b81cf8b5ebd8', { name: `${d(60)}/${d(80)}`, mtimeNs: fraction }],
  ['0b862b01d5f44e42', { name: d(120) }],
  ['7fdbe3392c1eb88e', { type: 'directory', name: `${d(99)}/${d(30)}/`, mtimeNs: fraction }],
  ['c2721462612daba9', { type: 'directory', name: `${d(160)}/${d(30)}/` }],
  ['10d22673e56590f4', { type: 'symlink', name: 's', linkName: Buffer.from(d(101)), mode: 0o777 }],
  ['f33c8487b5bc68be', { type: 'hardlink', name: 'h', linkName: Buffer.from('a'), mtimeNs: fraction }],
  ['10359337977850b7', { type: 'fifo', name: Buffer.from([0x66, 0xff]), mtimeNs: fraction }],
  ['2251763c6b42dc16', { name: 'g', mtimeNs: (1n << 34n) * 1_000_000_000n }],
])('%s', (hash, { name, ...entry }) => {
  const header = tarHeader({ type: 'file', mode: 0o644, uid: 0, gid: 0, size: 0, mtimeNs: whole, ...entry, name: Buffer.from(name as string) })
  expect(createHash('sha256').update(header).digest('hex').slice(0, 16)).toBe(hash)
})
