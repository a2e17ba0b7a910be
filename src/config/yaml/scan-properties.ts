import { isBlank, isBlankOrEnd, isBreakOrEnd, isDigit, isNameCharacter } from './characters.ts'
import type { Cursor } from './cursor.ts'
import { SyntaxFault, type Token } from './token.ts'

/** What may stand right behind an anchor's name: `? : , ] } % @` and a backquote. */
const behindName = new Set(Array.from('?:,]}%@`', (sign) => sign.charCodeAt(0)))

function nameAt(cursor: Cursor): string {
  const from = cursor.at
  while (isNameCharacter(cursor.code)) cursor.at++
  return cursor.text.slice(from, cursor.at)
}

export function scanAnchor(cursor: Cursor, kind: 'alias' | 'anchor'): Token {
  const start = cursor.at++
  const name = nameAt(cursor)
  if (name === '' || !(isBlankOrEnd(cursor.code) || behindName.has(cursor.code))) {
    throw new SyntaxFault(
      start,
      name === '' ? `a \`${kind === 'alias' ? '*' : '&'}\` has no name behind it` : `the name of an ${kind} has a character that is not allowed there`,
      kind === 'alias' ? 'names are made of letters, digits, `-` and `_`; a value that starts with `*` needs quotes' : 'names are made of letters, digits, `-` and `_`; a value that starts with `&` needs quotes',
    )
  }
  return { kind, name, start, end: cursor.at }
}

const uriCharacter = new Set(Array.from(";/?:@&=+$,.!~*'()[]", (sign) => sign.charCodeAt(0)))

/** A tag: `!name`, `!!name`, `!handle!name` or `!<name>`. */
export function scanTag(cursor: Cursor): Token {
  const start = cursor.at
  let handle = ''
  let suffix: string
  if (cursor.ahead(1) === 0x3c) {
    cursor.at += 2
    suffix = uriAt(cursor, start, '')
    if (cursor.code !== 0x3e) throw badTag(start)
    cursor.at++
  } else {
    const head = handleAt(cursor, start)
    if (head.length > 1 && head.endsWith('!')) {
      handle = head
      suffix = uriAt(cursor, start, '')
    } else {
      suffix = uriAt(cursor, start, head)
      if (suffix === '') suffix = '!'
      else handle = '!'
    }
  }
  if (!isBlankOrEnd(cursor.code)) throw badTag(start)
  return { kind: 'tag', handle, suffix, start, end: cursor.at }
}

function badTag(start: number): SyntaxFault {
  return new SyntaxFault(start, 'a tag is not well formed', 'put quotes around a value that starts with `!`')
}

/** `!`, `!name` or `!name!`. */
function handleAt(cursor: Cursor, start: number): string {
  if (cursor.code !== 0x21) throw badTag(start)
  cursor.at++
  const name = nameAt(cursor)
  if (cursor.code !== 0x21) return `!${name}`
  cursor.at++
  return `!${name}!`
}

function uriAt(cursor: Cursor, start: number, head: string): string {
  let text = head.slice(1)
  const from = cursor.at
  for (;;) {
    const run = cursor.at
    while (isNameCharacter(cursor.code) || uriCharacter.has(cursor.code)) cursor.at++
    text += cursor.text.slice(run, cursor.at)
    if (cursor.code !== 0x25) break
    text += percentEscapes(cursor, start)
  }
  if (cursor.at === from && head === '') throw badTag(start)
  return text
}

function percentEscapes(cursor: Cursor, start: number): string {
  const found = /^(?:%[0-9a-fA-F]{2})+/.exec(cursor.text.slice(cursor.at, cursor.at + 3 * 64))
  if (found === null) throw badTag(start)
  cursor.at += found[0].length
  try {
    return decodeURIComponent(found[0])
  } catch {
    throw badTag(start)
  }
}

/** `%YAML 1.1` or `%TAG !handle! prefix`. */
export function scanDirective(cursor: Cursor): Token {
  const start = cursor.at++
  const name = nameAt(cursor)
  const bad = (): SyntaxFault => new SyntaxFault(start, `a line that starts with \`%\` is a directive, and this is neither \`%YAML\` nor \`%TAG\``, 'put quotes around a value that starts with %')
  if (!isBlankOrEnd(cursor.code)) throw bad()
  while (isBlank(cursor.code)) cursor.at++
  let token: Token
  if (name === 'YAML') token = { kind: 'version-directive', version: versionAt(cursor, start), start, end: cursor.at }
  else if (name === 'TAG') {
    const handle = handleAt(cursor, start)
    if (handle !== '!' && !handle.endsWith('!')) throw badTag(start)
    if (!isBlank(cursor.code)) throw badTag(start)
    while (isBlank(cursor.code)) cursor.at++
    const prefix = uriAt(cursor, start, '')
    if (!isBlankOrEnd(cursor.code)) throw badTag(start)
    token = { kind: 'tag-directive', handle, prefix, start, end: cursor.at }
  } else throw bad()
  cursor.passToLineEnd()
  if (!isBreakOrEnd(cursor.code)) throw new SyntaxFault(cursor.at, 'a directive ends with its line, and something stands behind it')
  if (cursor.code !== 0) cursor.passBreak()
  return token
}

function versionAt(cursor: Cursor, start: number): string {
  const from = cursor.at
  while (isDigit(cursor.code) || cursor.code === 0x2e) cursor.at++
  const version = cursor.text.slice(from, cursor.at)
  if (!/^\d{1,2}\.\d{1,2}$/.test(version)) throw new SyntaxFault(start, 'the version of a `%YAML` line is not well formed', 'write `%YAML 1.1`, or leave the line out')
  return version
}
