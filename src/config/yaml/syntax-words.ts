import { isMap, isPair, isScalar, isSeq, type Document, type Node, type YAMLError } from 'yaml'
import { printable } from '../../lib/visible.ts'

export interface SyntaxWords {
  readonly message: string
  readonly hint?: string
  /** Something that opens further above has no end. */
  readonly unclosed?: boolean
}

/** The YAML library's errors in words that say what to look for. */
export function syntaxWords(error: YAMLError): SyntaxWords {
  const text = error.message
  if (text.includes("closing 'quote")) return { message: 'a single quote is not closed', unclosed: true }
  if (text.includes('closing "quote')) return { message: 'a double quote is not closed', unclosed: true }
  const bracket = /^Flow (?:map|sequence).*end with a (.)$/.exec(text)?.[1]
  if (bracket !== undefined) return { message: `a bracket is not closed by ${bracket}`, unclosed: true }
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used for indentation', hint: 'indent with spaces' }
    case 'BAD_INDENT':
      return { message: 'the indentation does not fit the lines above', hint: 'items of one list or map start in the same column' }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return { message: 'a map or list starts where only a single value can stand', hint: 'quote a value that contains `: ` or starts with `- `' }
    case 'MULTILINE_IMPLICIT_KEY':
      return { message: 'a key goes on over several lines', hint: 'is a `:` missing after a key, or a quote not closed?' }
    case 'MISSING_CHAR':
      return missingChar(text)
    case 'BAD_SCALAR_START':
      return { message: `a plain value cannot start with ${text.slice(-1)}`, hint: 'put quotes around it' }
    case 'BAD_DQ_ESCAPE':
      return { message: text.toLowerCase(), hint: 'in double quotes a backslash is written `\\\\`; single quotes take it as it is' }
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
    case 'MULTIPLE_ANCHORS':
      return { message: `bad anchor or alias: ${text}` }
    case 'UNEXPECTED_TOKEN':
      return { message: unexpected(text), hint: 'a value that contains special characters needs quotes' }
    case 'BLOCK_IN_FLOW':
      return { message: 'an indented map or list stands inside brackets', hint: 'is a `]` or `}` missing above?' }
    default:
      return { message: `broken YAML: ${text}` }
  }
}

/** The library's names of tokens. */
const tokens: { readonly [name: string]: string } = {
  'flow-map-start': '`{`',
  'flow-map-end': '`}`',
  'flow-seq-start': '`[`',
  'flow-seq-end': '`]`',
  'map-value-ind': '`:`',
  'seq-item-ind': '`- `',
  comma: '`,`',
  alias: 'an alias',
  anchor: 'an anchor',
  tag: 'a tag',
  'block-scalar-header': '`|` or `>`',
}

function unexpected(text: string): string {
  const [, name, afterValue] = /^Unexpected ([\w-]+)(?: token)?(?: in .*?| (at node end))?(?::|$)/.exec(text) ?? []
  if (name === undefined) return `unexpected text here (${printable(text)})`
  const what = tokens[name] ?? 'text'
  return afterValue === undefined ? `${what} is not expected here` : `${what} follows a value that is complete`
}

function missingChar(text: string): SyntaxWords {
  if (text.includes('followed by map values')) return { message: 'a key has no `:` after it', hint: 'write `key: value`' }
  return { message: `something is missing: ${text}` }
}

/** Where the quote or bracket opens that is still open at `offset`: the innermost one that starts before it. */
export function openedAt(document: Document, offset: number): number | undefined {
  let opened: number | undefined
  let node: Node | null | undefined = document.contents
  while (node?.range && node.range[0] <= offset) {
    if ((isScalar(node) && node.type?.startsWith('QUOTE')) || ((isMap(node) || isSeq(node)) && node.flow)) opened = node.range[0]
    node = lastChild(node)
  }
  return opened
}

function lastChild(node: Node): Node | null | undefined {
  if (!isMap(node) && !isSeq(node)) return undefined
  const last: unknown = node.items.at(-1)
  if (isPair(last)) return (last.value ?? last.key) as Node | null
  return last as Node | undefined
}
