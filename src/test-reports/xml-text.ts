/** An escape sequence of a terminal, raw or as tools escape it, and every other character that XML 1.0 does not have, with references to such. */
const sequence = /(?:\u001b|&#(?:27|x0*1b);)\[[\d;]*[a-z]/gi
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|&#(?:0*(?:\d|1[1-24-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));/gi
const tab = /^&#0*9;$/

/** A report's text by its byte order mark or its XML declaration, else as UTF-8. Undefined: its encoding is not known. */
export function decodeXml(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const mark = start.startsWith('\xff\xfe') ? 'utf-16le' : start.startsWith('\xfe\xff') ? 'utf-16be' : undefined
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(start)?.[1]
  try {
    return new TextDecoder(mark ?? declared ?? 'utf-8').decode(bytes)
  } catch {
    return undefined
  }
}

/** Tools write what tests printed as it came: colours go, and what XML cannot hold is replaced, so that the report is read all the same. */
export const cleanXml = (text: string): string => text.replace(sequence, '').replace(forbidden, (found) => (tab.test(found) ? found : '\ufffd'))
