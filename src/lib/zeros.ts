/** Long runs of zeros are sent as their length, and end as holes: a sparse file costs what it holds. */

const zeros: Buffer = Buffer.alloc(256 * 1024)

export function isZeros(data: Uint8Array): boolean {
  for (let at = 0; at < data.length; at += zeros.length) {
    const piece = data.subarray(at, at + zeros.length)
    if (zeros.compare(piece, 0, piece.length, 0, piece.length) !== 0) return false
  }
  return true
}

/** So many zeros, in pieces that are one and the same memory. */
export function* piecesOfZeros(count: number): Iterable<Uint8Array> {
  for (let left = count; left > 0; left -= zeros.length) yield zeros.subarray(0, Math.min(left, zeros.length))
}
