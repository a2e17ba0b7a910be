import { isBlankOrEnd, isBreak, space, tab } from './characters.ts'
import { Cursor } from './cursor.ts'
import { scanAnchor, scanDirective, scanTag } from './scan-properties.ts'
import { scanBlock, scanPlain, scanQuoted } from './scan-scalar.ts'
import { SyntaxFault, type Sign, type Token } from './token.ts'
import { cannotStart } from './unexpected.ts'

/** A place where a key without `?` may have begun: known to be one once its `:` is found. One for each level of brackets. */
interface SimpleKey {
  possible: boolean
  /** Something starts at the indentation of a map: it can be nothing but a key. */
  readonly required: boolean
  /** Number of the token that it starts with, counted from the text's first. */
  readonly token: number
  readonly at: number
  readonly line: number
  readonly column: number
}

/** Bound on tokens: each becomes an object, some hundred bytes. */
const mostTokens = 2_000_000

/** A key that is longer, or goes on over lines, is none. */
const longestKey = 1024

/**
 * A text as tokens, with the rules of libyaml, which Concourse's reader is made of. They differ from YAML 1.2's: inside
 * of brackets and quotes indentation does not count, a comment may follow a closing quote directly, tabs cannot indent.
 */
export class Scanner {
  readonly cursor: Cursor
  /** Tokens that are found and not taken yet, from `#head` on. */
  readonly #queue: Token[] = []
  #head = 0
  #taken = 0
  /** Column of the innermost block collection. */
  #indent = -1
  readonly #indents: number[] = []
  /** The last is the innermost. */
  readonly #keys: (SimpleKey | undefined)[] = [undefined]
  /** Possible keys by the number of their first token. */
  readonly #keysByToken = new Map<number, SimpleKey>()
  #keyAllowed = true
  #ended = false

  constructor(source: string) {
    this.cursor = new Cursor(source)
  }

  peek(): Token {
    for (;;) {
      const token = this.#queue[this.#head]
      if (token !== undefined) {
        // A token that may turn out to be a key has to wait for its `:`.
        const key = this.#keysByToken.get(this.#taken)
        if (key === undefined || !this.#isValid(key)) return token
      }
      if (this.#ended && token !== undefined) return token
      this.#fetch()
    }
  }

  take(): Token {
    const token = this.peek()
    if (token.kind === 'stream-end') return token
    if (++this.#taken > mostTokens) throw new SyntaxFault(0, `more than ${mostTokens} words and signs`, undefined, 'too-large')
    if (++this.#head === this.#queue.length) {
      this.#queue.length = 0
      this.#head = 0
    } else if (this.#head >= 2 * longestKey) {
      this.#queue.splice(0, this.#head)
      this.#head = 0
    }
    return token
  }

  #isValid(key: SimpleKey): boolean {
    if (!key.possible) return false
    if (key.line === this.cursor.line && key.at + longestKey >= this.cursor.at) return true
    this.#drop(key)
    return false
  }

  /** Gives a possible key up; where only a key can stand that is an error. */
  #drop(key: SimpleKey | undefined): void {
    if (key?.possible !== true) return
    if (key.required) {
      if (key.line === this.cursor.line && key.at + longestKey < this.cursor.at) throw new SyntaxFault(key.at, `a key is longer than ${longestKey} characters`)
      throw new SyntaxFault(key.at, 'a key has no `:` after it on its line', 'write `key: value`, or indent a line that continues the value above')
    }
    key.possible = false
    this.#keysByToken.delete(key.token)
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return
    const { at, line, column } = this.cursor
    this.#drop(this.#keys.at(-1))
    const key: SimpleKey = {
      possible: true,
      required: this.#flowLevel === 0 && this.#indent === column,
      token: this.#taken + this.#queue.length - this.#head,
      at,
      line,
      column,
    }
    this.#keys[this.#keys.length - 1] = key
    this.#keysByToken.set(key.token, key)
  }

  get #flowLevel(): number {
    return this.#keys.length - 1
  }

  #add(token: Token): void {
    this.#queue.push(token)
  }

  #sign(kind: Sign, length: number): void {
    const start = this.cursor.at
    this.cursor.at += length
    this.#queue.push({ kind, start, end: this.cursor.at })
  }

  #insert(kind: Sign, at: number, token: number): void {
    this.#queue.splice(this.#head + token - this.#taken, 0, { kind, start: at, end: at })
  }

  /** Starts a block collection at a column that is deeper than the innermost one's. */
  #indentTo(column: number, kind: Sign, at: number, token?: number): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return
    this.#indents.push(this.#indent)
    this.#indent = column
    if (token === undefined) this.#add({ kind, start: at, end: at })
    else this.#insert(kind, at, token)
  }

  /** Ends the block collections that are deeper than a column. */
  #unindentTo(column: number): void {
    if (this.#flowLevel > 0) return
    while (this.#indent > column) {
      this.#sign('block-end', 0)
      this.#indent = this.#indents.pop() ?? -1
    }
  }

  #fetch(): void {
    this.#passBetween()
    const { cursor } = this
    this.#unindentTo(cursor.column)
    const code = cursor.code
    if (code === 0) return this.#fetchEnd()
    if (cursor.column === 0 && code === 0x25) {
      this.#endBlocks()
      return this.#add(scanDirective(cursor))
    }
    if (cursor.atDocumentMark) {
      this.#endBlocks()
      return this.#sign(code === 0x2d ? 'document-start' : 'document-end', 3)
    }
    switch (cursor.text[cursor.at]) {
      case '[':
        return this.#fetchFlowStart('flow-sequence-start')
      case '{':
        return this.#fetchFlowStart('flow-mapping-start')
      case ']':
        return this.#fetchFlowEnd('flow-sequence-end')
      case '}':
        return this.#fetchFlowEnd('flow-mapping-end')
      case ',':
        this.#drop(this.#keys.at(-1))
        this.#keyAllowed = true
        return this.#sign('flow-entry', 1)
      case '*':
      case '&':
        this.#saveKey()
        this.#keyAllowed = false
        return this.#add(scanAnchor(cursor, code === 0x2a ? 'alias' : 'anchor'))
      case '!':
        this.#saveKey()
        this.#keyAllowed = false
        return this.#add(scanTag(cursor))
      case "'":
      case '"':
        this.#saveKey()
        this.#keyAllowed = false
        return this.#add(scanQuoted(cursor, code === 0x27 ? 'single' : 'double'))
      case '|':
      case '>':
        if (this.#flowLevel > 0) break
        this.#drop(this.#keys.at(-1))
        this.#keyAllowed = true
        return this.#add(scanBlock(cursor, code === 0x7c, this.#indent))
      case '-':
        if (isBlankOrEnd(cursor.ahead(1))) return this.#fetchItem()
        break
      case '?':
        if (this.#flowLevel > 0 || isBlankOrEnd(cursor.ahead(1))) return this.#fetchKey()
        break
      case ':':
        if (this.#flowLevel > 0 || isBlankOrEnd(cursor.ahead(1))) return this.#fetchValue()
        break
      case '#':
      case '%':
      case '@':
      case '`':
      case '\t':
        throw cannotStart(cursor.text.charAt(cursor.at), cursor.at)
    }
    if (code === 0x7c || code === 0x3e) throw cannotStart(cursor.text.charAt(cursor.at), cursor.at)
    this.#saveKey()
    this.#keyAllowed = false
    const { token, brokeLine } = scanPlain(cursor, this.#indent + 1, this.#flowLevel > 0)
    this.#add(token)
    if (brokeLine) this.#keyAllowed = true
  }

  /** Blanks, comments and line breaks. A tab may not stand where a key may start: it would count as indentation. */
  #passBetween(): void {
    const { cursor } = this
    for (;;) {
      const tabs = this.#flowLevel > 0 || !this.#keyAllowed
      while (cursor.code === space || (tabs && cursor.code === tab)) cursor.at++
      if (cursor.code === 0x23) cursor.passComment()
      if (!isBreak(cursor.code)) return
      cursor.passBreak()
      if (this.#flowLevel === 0) this.#keyAllowed = true
    }
  }

  #endBlocks(): void {
    this.#unindentTo(-1)
    this.#drop(this.#keys.at(-1))
    this.#keyAllowed = false
  }

  #fetchEnd(): void {
    this.#endBlocks()
    this.#ended = true
    this.#sign('stream-end', 0)
  }

  #fetchFlowStart(kind: Sign): void {
    this.#saveKey()
    this.#keys.push(undefined)
    this.#keyAllowed = true
    this.#sign(kind, 1)
  }

  #fetchFlowEnd(kind: Sign): void {
    this.#drop(this.#keys.at(-1))
    if (this.#flowLevel > 0) this.#keys.pop()
    this.#keyAllowed = false
    this.#sign(kind, 1)
  }

  #fetchItem(): void {
    const { cursor } = this
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw new SyntaxFault(cursor.at, 'an item of a list cannot start here', 'start it on a line of its own, or quote a value that starts with `- `')
      this.#indentTo(cursor.column, 'block-sequence-start', cursor.at)
    }
    this.#drop(this.#keys.at(-1))
    this.#keyAllowed = true
    this.#sign('block-entry', 1)
  }

  #fetchKey(): void {
    const { cursor } = this
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw new SyntaxFault(cursor.at, 'a key after `? ` cannot start here', 'quote a value that starts with `? `')
      this.#indentTo(cursor.column, 'block-mapping-start', cursor.at)
    }
    this.#drop(this.#keys.at(-1))
    this.#keyAllowed = this.#flowLevel === 0
    this.#sign('key', 1)
  }

  #fetchValue(): void {
    const { cursor } = this
    const key = this.#keys.at(-1)
    if (key !== undefined && this.#isValid(key)) {
      this.#insert('key', key.at, key.token)
      this.#indentTo(key.column, 'block-mapping-start', key.at, key.token)
      key.possible = false
      this.#keysByToken.delete(key.token)
      this.#keyAllowed = false
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#keyAllowed) throw new SyntaxFault(cursor.at, 'a `:` cannot stand here: what is before it is no key', 'quote a value that contains `: `; the keys of one map start in the same column')
        this.#indentTo(cursor.column, 'block-mapping-start', cursor.at)
      }
      this.#keyAllowed = this.#flowLevel === 0
    }
    this.#sign('value', 1)
  }
}

