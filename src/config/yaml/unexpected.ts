import { quote } from '../quote.ts'
import type { SourceText } from '../source-text.ts'
import { SyntaxFault, type Token } from './token.ts'

/** What a token is, for a sentence about where it must not stand. */
function nameOf(token: Token): string {
  switch (token.kind) {
    case 'stream-end':
      return 'the end of the file'
    case 'document-start':
      return '`---`'
    case 'document-end':
      return '`...`'
    case 'flow-sequence-start':
      return '`[`'
    case 'flow-sequence-end':
      return '`]`'
    case 'flow-mapping-start':
      return '`{`'
    case 'flow-mapping-end':
      return '`}`'
    case 'block-sequence-start':
    case 'block-entry':
      return '`- `'
    case 'flow-entry':
      return '`,`'
    case 'value':
      return '`:`'
    case 'block-mapping-start':
    case 'key':
      return 'a key'
    case 'block-end':
      return 'the end of what is indented here'
    case 'alias':
      return `the alias ${quote(`*${token.name}`)}`
    case 'anchor':
      return `the anchor ${quote(`&${token.name}`)}`
    case 'tag':
      return 'a tag'
    case 'version-directive':
    case 'tag-directive':
      return 'a directive'
    case 'scalar':
      return `the text ${quote(token.text)}`
  }
}

/** A character that starts neither a sign nor a value. */
export function cannotStart(sign: string, start: number): SyntaxFault {
  if (sign === '\t') return new SyntaxFault(start, 'a tab stands where only spaces can', 'use spaces at the beginning of a line and after `- `')
  if (sign === '|' || sign === '>') return new SyntaxFault(start, `a value inside of brackets cannot start with ${sign}`, 'put quotes around it')
  return new SyntaxFault(start, `a plain value cannot start with ${sign}`, 'put quotes around it')
}

export const undefinedHandle = (handle: string, start: number): SyntaxFault => new SyntaxFault(start, `no \`%TAG\` line defines ${quote(handle)}`, 'put quotes around a value that starts with `!`')

const keyMissing = (token: Token): SyntaxFault => new SyntaxFault(token.start, 'a key is missing before the `:`', 'write `key: value`, or put quotes around a value with a `:`')

export function valueMissing(token: Token, text: SourceText): SyntaxFault {
  const { line } = text.position(token.start)
  if (token.kind === 'block-entry') return new SyntaxFault(token.start, 'a `-` with a space behind it is no value inside of brackets', 'put quotes around it, or leave the space out')
  if (token.kind === 'value') return keyMissing(token)
  if (token.kind === 'flow-entry') return new SyntaxFault(token.start, 'nothing stands before this `,`', 'remove it')
  if (token.kind === 'stream-end' || token.kind === 'block-end') return new SyntaxFault(token.start, `a value is missing on line ${line} or above it`)
  return new SyntaxFault(token.start, `${nameOf(token)} is not expected here`, 'a value that contains special characters needs quotes')
}

/** Something that is neither the next key or item of a block nor its end. */
export function misplaced(token: Token, within: 'map' | 'list', start: number, text: SourceText): SyntaxFault {
  if (token.kind === 'value') return keyMissing(token)
  const here = text.position(token.start)
  const sameLine = here.line === text.position(endOfTextBefore(text.source, token.start)).line
  if (sameLine) {
    if (token.kind.startsWith('flow-')) return new SyntaxFault(token.start, `${nameOf(token)} is not expected here`, 'a value that contains special characters needs quotes')
    return new SyntaxFault(token.start, `${nameOf(token)} follows a value that is complete`, 'a value that contains special characters needs quotes')
  }
  const opened = text.position(start)
  const signs = within === 'map' ? 'keys of the map' : 'items of the list'
  if (here.column !== opened.column) {
    return new SyntaxFault(token.start, `the indentation does not fit the lines above: the ${signs} that starts on line ${opened.line} stand in column ${opened.column}`, 'items of one list or map start in the same column')
  }
  if (within === 'list') return new SyntaxFault(token.start, `${nameOf(token)} stands where an item of the list from line ${opened.line} should start with \`- \``, 'indent it, or write `- ` before it')
  return new SyntaxFault(token.start, `${nameOf(token)} stands where a key of the map from line ${opened.line} should start`, 'write `key: value`')
}

/** A bracket with neither a comma nor its end behind an entry. */
export function notClosed(token: Token, closing: 'flow-sequence-end' | 'flow-mapping-end', start: number, text: SourceText): SyntaxFault {
  const [open, close] = closing === 'flow-sequence-end' ? ['[', ']'] : ['{', '}']
  const { line } = text.position(start)
  if (token.kind === 'stream-end' || token.kind === 'document-start' || token.kind === 'document-end') {
    return new SyntaxFault(start, `a bracket is not closed by ${close}; it opens on line ${line}`)
  }
  return new SyntaxFault(token.start, `\`,\` or \`${close}\` is missing before ${nameOf(token)}`, `the \`${open}\` that is open here stands on line ${line}`)
}

function endOfTextBefore(source: string, at: number): number {
  let end = at
  while (end > 0 && /[\s]/.test(source[end - 1] ?? '')) end--
  return Math.max(0, end - 1)
}
