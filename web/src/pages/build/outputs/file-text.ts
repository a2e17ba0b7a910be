/** A name as one line: a line break or another control in it shows as its symbol. */
export const nameText = (name: string): string => name.replace(/[\u0000-\u001f\u007f]/g, (control) => (control === '\u007f' ? '\u2421' : String.fromCharCode(0x2400 + control.charCodeAt(0))))

/** What a server of ours sends as a picture. */
export const isPicture = (name: string): boolean => /\.(png|jpe?g|gif|webp)$/i.test(name)

/** UTF-8 text, of which the last character may be cut off; undefined: it is something else. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return undefined
  }
}

/** `rw-r--r--`. */
export const modeText = (mode: number): string => Array.from('rwxrwxrwx', (letter, index) => ((mode >> (8 - index)) & 1) === 1 ? letter : '-').join('')
