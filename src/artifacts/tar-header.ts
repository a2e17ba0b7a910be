/**
 * Headers of canonical tar streams: ustar where that is exact, PAX where it is not. Byte for byte what the supervisor
 * writes, so that equal trees have equal digests wherever they were packed.
 */
export interface TarEntry {
  /** Relative, without `./`; folders end in a slash. Bytes, since names need not be UTF-8. */
  readonly name: Buffer
  readonly type: 'file' | 'hardlink' | 'symlink' | 'directory' | 'fifo'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Of a file's content; 0 for the others. */
  readonly size: number
  readonly mtimeNs: bigint
  readonly linkName?: Buffer
}

const typeFlags = { file: '0', hardlink: '1', symlink: '2', directory: '5', fifo: '6' } as const

const block = 512
const nameBytes = 100
const prefixBytes = 155
const none = Buffer.alloc(0)
const slash = 0x2f

/** Zeros that follow `size` bytes of content. */
export const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block)
export const endOfArchive = Buffer.alloc(2 * block)

export function tarHeader(entry: TarEntry): Buffer {
  const { name, linkName = none } = entry
  const seconds = floorDiv(entry.mtimeNs, 1_000_000_000n)
  const records = paxRecords(entry, linkName, seconds)
  if (records.size === 0) return ustar(entry, { name, linkName, prefix: none }, seconds)
  // A long name alone fits ustar if it can be split; a fraction of a second does not.
  const split = records.size === 1 && records.has('path') ? splitName(name) : undefined
  if (split !== undefined) return ustar(entry, { ...split, linkName }, seconds)
  const body = Buffer.concat([...records].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => paxRecord(key, value)))
  return Buffer.concat([paxHeader(name, body.length), body, padding(body.length), ustar(entry, { name: ascii(name), linkName: ascii(linkName), prefix: none }, seconds)])
}

function paxRecords(entry: TarEntry, linkName: Buffer, seconds: bigint): Map<string, Buffer> {
  const records = new Map<string, Buffer>()
  const add = (key: string, value: Buffer | string): void => void records.set(key, Buffer.from(value as string))
  if (entry.name.length > nameBytes || !isAscii(entry.name)) add('path', entry.name)
  if (linkName.length > nameBytes || !isAscii(linkName)) add('linkpath', linkName)
  if (!fitsOctal(8, entry.uid)) add('uid', String(entry.uid))
  if (!fitsOctal(8, entry.gid)) add('gid', String(entry.gid))
  if (!fitsOctal(12, entry.size)) add('size', String(entry.size))
  if (!fitsOctal(12, Number(seconds)) || entry.mtimeNs !== seconds * 1_000_000_000n) add('mtime', paxTime(entry.mtimeNs))
  return records
}

function ustar(entry: TarEntry, { name, linkName, prefix }: { readonly name: Buffer; readonly linkName: Buffer; readonly prefix: Buffer }, seconds: bigint): Buffer {
  const header = Buffer.alloc(block)
  text(header, 0, nameBytes, name)
  octal(header, 100, 8, entry.mode)
  octal(header, 108, 8, entry.uid)
  octal(header, 116, 8, entry.gid)
  octal(header, 124, 12, entry.size)
  octal(header, 136, 12, Number(seconds))
  header.write(typeFlags[entry.type], 156)
  text(header, 157, nameBytes, linkName)
  octal(header, 329, 8, 0)
  octal(header, 337, 8, 0)
  text(header, 345, prefixBytes, prefix)
  return sealed(header)
}

function paxHeader(name: Buffer, size: number): Buffer {
  const header = Buffer.alloc(block)
  const cut = name.lastIndexOf(slash) + 1
  const folder = name.subarray(0, 2).toString() === './' ? name.subarray(2, cut) : name.subarray(0, cut)
  const full = ascii(Buffer.concat([folder, Buffer.from('PaxHeaders.0'), ...(cut < name.length ? [Buffer.from('/'), name.subarray(cut)] : [])]))
  let end = Math.min(full.length, nameBytes)
  while (full[end - 1] === slash) end--
  text(header, 0, nameBytes, full.subarray(0, end))
  octal(header, 100, 8, 0)
  octal(header, 108, 8, 0)
  octal(header, 116, 8, 0)
  octal(header, 124, 12, size)
  octal(header, 136, 12, 0)
  header.write('x', 156)
  return sealed(header)
}

function sealed(header: Buffer): Buffer {
  header.write('ustar\x0000', 257, 'latin1')
  header.fill(' ', 148, 156)
  let sum = 0
  for (const byte of header) sum += byte
  octal(header, 148, 7, sum)
  return header
}

/** Cut where it is too long; a cut that ends in a slash would make a folder of a file. */
function text(header: Buffer, at: number, length: number, value: Buffer): void {
  value.copy(header, at, 0, length)
  if (value.length <= length || header[at + length - 1] !== slash) return
  let end = length - 1
  while (end > 0 && value[end - 1] === slash) end--
  header[at + end] = 0
}

function octal(header: Buffer, at: number, length: number, value: number): void {
  header.write((fitsOctal(length, value) ? value : 0).toString(8).padStart(length - 1, '0') + '\0', at, 'latin1')
}

const fitsOctal = (length: number, value: number): boolean => value >= 0 && value < 8 ** (length - 1)

function splitName(name: Buffer): { prefix: Buffer; name: Buffer } | undefined {
  if (name.length <= nameBytes || !isAscii(name)) return undefined
  let length = name.length
  if (length > prefixBytes + 1) length = prefixBytes + 1
  else if (name[length - 1] === slash) length--
  const at = name.subarray(0, length).lastIndexOf(slash)
  const rest = name.length - at - 1
  return at <= 0 || rest > nameBytes || rest === 0 || at > prefixBytes ? undefined : { prefix: name.subarray(0, at), name: name.subarray(at + 1) }
}

/** `<length of all of it> key=value\n` */
function paxRecord(key: string, value: Buffer): Buffer {
  const bytes = key.length + value.length + 3
  let length = bytes + String(bytes).length
  if (bytes + String(length).length !== length) length = bytes + String(length).length
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from('\n')])
}

function paxTime(ns: bigint): string {
  const digits = (ns < 0n ? -ns : ns).toString().padStart(10, '0')
  const fraction = digits.slice(-9).replace(/0+$/, '')
  return `${ns < 0n ? '-' : ''}${digits.slice(0, -9)}${fraction === '' ? '' : `.${fraction}`}`
}

const isAscii = (name: Buffer): boolean => name.every((byte) => byte < 0x80 && byte !== 0)
const ascii = (name: Buffer): Buffer => (isAscii(name) ? name : Buffer.from(name.filter((byte) => byte < 0x80 && byte !== 0)))
const floorDiv = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b))
