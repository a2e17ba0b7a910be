import type { BlobStore } from '../oci/blob-store.ts'
import { writeBinaryImage, type BinaryImage } from '../oci/image.ts'

/** A program that exits with 0, which a node runs to prove that it can pull. A few hundred bytes. */
export function writeProbeImage(store: BlobStore): Promise<BinaryImage> {
  return writeBinaryImage(store, probeProgram, { amd64: exitProgram('amd64'), arm64: exitProgram('arm64') })
}

const probeProgram = 'airside-probe'

const machines = {
  /** xor edi, edi; mov eax, 60; syscall */
  amd64: { number: 62, code: [0x31, 0xff, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05] },
  /** mov x0, 0; mov x8, 93; svc 0 */
  arm64: { number: 183, code: [0, 0, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 0x01, 0, 0, 0xd4] },
} as const

/** An ELF file that exits with status 0: a header, one segment, and its code. */
export function exitProgram(architecture: keyof typeof machines): Uint8Array {
  const { number, code } = machines[architecture]
  const headers = 64 + 56
  const base = 0x40_0000n
  const file = Buffer.alloc(headers + code.length)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]) // 64 bits, little endian
  file.writeUInt16LE(2, 16) // executable
  file.writeUInt16LE(number, 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(base + BigInt(headers), 24) // entry
  file.writeBigUInt64LE(64n, 32) // program headers
  file.writeUInt16LE(64, 52)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(1, 56)
  file.writeUInt16LE(64, 58)
  const segment = 64
  file.writeUInt32LE(1, segment) // to be loaded
  file.writeUInt32LE(5, segment + 4) // read and execute
  file.writeBigUInt64LE(base, segment + 16)
  file.writeBigUInt64LE(base, segment + 24)
  file.writeBigUInt64LE(BigInt(file.length), segment + 32)
  file.writeBigUInt64LE(BigInt(file.length), segment + 40)
  file.writeBigUInt64LE(0x1_0000n, segment + 48)
  file.set(code, headers)
  return file
}
