import { Composer, isScalar, Lexer, Parser, type Document, type LineCounter } from 'yaml'
import { quote } from '../quote.ts'
import type { SourceText } from '../source-text.ts'
import { buildTree } from './build-tree.ts'
import { mostDepth, tooBig, type YamlNode } from './node.ts'
import { openedAt, syntaxWords } from './syntax-words.ts'

export interface ParsedYaml {
  /** Undefined where the text is empty or broken. */
  readonly root: YamlNode | undefined
  /** Offsets of the anchors that the text defines, ascending. */
  readonly anchors: readonly number[]
}

/** Characters and lexical tokens; the largest pipelines known are a fraction of this. */
const mostText = 2 * 1024 * 1024
const mostTokens = 800_000
const mostSyntaxErrors = 10

/** What YAML does not let stand in a text as it is. */
// eslint-disable-next-line no-control-regex -- finding them is the point
const controlCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/

const nothing: ParsedYaml = { root: undefined, anchors: [] }

/** Reads one YAML document, as YAML 1.1 as Concourse reads it. What is wrong with it goes to `text`. Never throws. */
export function parseYaml(source: string, text: SourceText): ParsedYaml {
  if (source.length > mostText) {
    text.add({ kind: 'too-large', message: `the file has ${source.length} characters; at most ${mostText} are read`, start: 0 })
    return nothing
  }
  const document = compose(source, text)
  reportControl(source, text)
  if (document === undefined) return nothing
  if (document.errors.length > 0) {
    reportSyntax(document, text)
    return nothing
  }
  const { root, anchors } = buildTree(document, source, text)
  if (root !== undefined && tooBig(root)) {
    text.add({
      kind: 'too-large',
      message: 'its anchors stand for more than this program is willing to write out',
      start: 0,
      hint: 'anchors inside of anchors multiply; use fewer',
    })
    return { root: undefined, anchors }
  }
  return { root, anchors }
}

/** After the text was read: only then it is known on which line an offset is. */
function reportControl(source: string, text: SourceText): void {
  const control = controlCharacter.exec(source)
  if (control === null) return
  const code = control[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()
  text.add({ kind: 'yaml', message: `a control character (U+${code}) stands here`, start: control.index, hint: 'remove it, or write it in double quotes, as `\\x07` for example' })
}

/** One error a line: the first is the cause of the others. */
function reportSyntax(document: Document, text: SourceText): void {
  const lines = new Set<number>()
  for (const error of [...document.errors].sort((a, b) => a.pos[0] - b.pos[0])) {
    const { line } = text.position(error.pos[0])
    if (lines.has(line) || lines.size >= mostSyntaxErrors) continue
    lines.add(line)
    const words = syntaxWords(error)
    const opened = words.unclosed === true ? openedAt(document, error.pos[0]) : undefined
    const since = opened === undefined ? '' : `; it opens on line ${text.position(opened).line}`
    text.add({ kind: 'yaml', message: words.message + since, hint: words.hint, start: opened ?? error.pos[0] })
  }
}

function compose(source: string, text: SourceText): Document | undefined {
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe', // scalars are told apart by plain-scalar.ts
    merge: false, // and merges and aliases followed by build-tree.ts: the library looks for each of them anew
    resolveKnownTags: false,
    uniqueKeys: false, // compares every key with every other; build-tree.ts does it with a map
    logLevel: 'silent',
  })
  let first: Document | undefined
  // The library makes an Error of every fault; a stack trace for each of a million takes minutes.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    for (const token of tokens(source, text.lines)) {
      if (token === 'too-deep' || token === 'too-many') {
        text.add({
          kind: 'too-large',
          message: token === 'too-deep' ? `nested more than ${mostDepth} levels deep` : `more than ${mostTokens} words and signs`,
          start: 0,
        })
        return undefined
      }
      for (const document of composer.next(token)) first ??= document
    }
    for (const document of composer.end(first === undefined, source.length)) {
      if (first === undefined) first = document
      else if (document.contents?.range && !isEmpty(document)) {
        text.add({
          severity: 'warning',
          kind: 'yaml',
          message: 'a second YAML document starts here; only the first is read',
          start: document.range[0],
          hint: 'remove the `---` line, or split the file',
        })
      }
    }
  } catch (cause) {
    // The library's own limits, e.g. of the call stack.
    text.add({ kind: 'yaml', message: `the text cannot be read as YAML: ${quote(cause instanceof Error ? cause.message : cause)}`, start: 0 })
    return undefined
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  return first
}

const isEmpty = ({ contents }: Document): boolean => isScalar(contents) && contents.source === ''

type Token = ReturnType<Parser['next']> extends Generator<infer T> ? T : never

function* tokens(source: string, lines: LineCounter): Generator<Token | 'too-deep' | 'too-many'> {
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  let count = 0
  for (const lexeme of new Lexer().lex(source)) {
    yield* parser.next(lexeme)
    if (parser.stack.length > mostDepth) return yield 'too-deep'
    if (++count > mostTokens) return yield 'too-many'
  }
  yield* parser.end()
}
