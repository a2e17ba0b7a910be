import { isUtf8 } from 'node:buffer'

/** A file's text. With a fault it ends, or is not to be trusted, where `at` says. */
export interface DecodedText {
  readonly text: string
  readonly fault?: { readonly at: number; readonly message: string; readonly hint: string }
}

const hint = 'save the file as UTF-8'

/** Bytes as text, as Concourse's reader takes them: UTF-8, or UTF-16 after a byte order mark, as PowerShell's `>` writes it. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return utf16(bytes, 'utf-16le')
  if (first === 0xfe && second === 0xff) return utf16(bytes, 'utf-16be')
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  return isUtf8(bytes) ? { text } : { text, fault: utf8Fault(bytes) }
}

function utf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): DecodedText {
  const text = new TextDecoder(encoding).decode(bytes)
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes)
    return { text }
  } catch {
    const at = Math.max(0, text.indexOf('\ufffd'))
    return { text, fault: { at, message: 'the file starts as UTF-16 does, and here it is none', hint } }
  }
}

/** Points at the first byte that is no UTF-8. */
function utf8Fault(bytes: Uint8Array): NonNullable<DecodedText['fault']> {
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
  let from = 0
  let before = 0
  for (;;) {
    const feed = bytes.indexOf(0x0a, from)
    const line = bytes.subarray(from, feed < 0 ? undefined : feed + 1)
    const text = lenient.decode(line)
    if (isUtf8(line)) {
      before += text.length
      from = feed + 1
      continue
    }
    const column = text.indexOf('\ufffd')
    const byte = line[Buffer.byteLength(text.slice(0, column))] ?? 0
    return { at: before + column, message: `this is no UTF-8: the byte 0x${byte.toString(16).toUpperCase().padStart(2, '0')} stands here`, hint }
  }
}
