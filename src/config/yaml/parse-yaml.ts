import { decodeText, type DecodedText } from '../decode-text.ts'
import type { SourceText } from '../source-text.ts'
import { Composer } from './composer.ts'
import type { Dialect } from './map-builder.ts'
import { tooBig, type YamlNode } from './node.ts'
import { Scanner } from './scanner.ts'
import { SyntaxFault, type Token } from './token.ts'

export interface ParsedYaml {
  /** Undefined where the text is empty or broken. */
  readonly root: YamlNode | undefined
  /** Offsets of the anchors that the text defines, ascending. */
  readonly anchors: readonly number[]
}

/** Characters of a text; the largest pipelines known are a fraction of this. */
const mostText = 16 * 1024 * 1024

/** What YAML does not let stand in a text as it is; halves of a surrogate pair come from a broken encoding. */
// eslint-disable-next-line no-control-regex -- finding them is the point
const controlCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/

const nothing: ParsedYaml = { root: undefined, anchors: [] }

/** Reads the first YAML document of a text as Concourse reads it (docs/yaml.md). What is wrong with it goes to `text`. Never throws. */
export function parseYaml(written: string | Uint8Array, text: SourceText, dialect: Dialect): ParsedYaml {
  const { text: source, fault }: DecodedText = typeof written === 'string' ? { text: written } : decodeText(written)
  text.source = source
  if (source.length > mostText) {
    text.add({ kind: 'too-large', message: `the file has ${source.length} characters; at most ${mostText} are read`, start: 0 })
    return nothing
  }
  if (fault !== undefined) {
    text.add({ kind: 'yaml', message: fault.message, start: fault.at, hint: fault.hint })
    return nothing
  }
  if (reportControl(source, text)) return nothing
  try {
    return firstDocument(source, text, dialect)
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault
    text.add({ kind: fault.kind, message: fault.message, start: fault.start, hint: fault.hint })
    return nothing
  }
}

function reportControl(source: string, text: SourceText): boolean {
  const control = controlCharacter.exec(source)
  if (control === null) return false
  const code = control[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()
  text.add({ kind: 'yaml', message: `a control character (U+${code}) stands here`, start: control.index, hint: 'remove it, or write it in double quotes, as `\\x07` for example' })
  return true
}

/** What follows the `---` of a document without content. */
const emptyDocument: ReadonlySet<Token['kind']> = new Set(['stream-end', 'document-start', 'document-end', 'version-directive', 'tag-directive'])

function firstDocument(source: string, text: SourceText, dialect: Dialect): ParsedYaml {
  const scanner = new Scanner(source)
  const { handles, explicit } = directives(scanner)
  const composer = new Composer(scanner, text, handles, dialect)
  const first = scanner.peek()
  const empty = explicit ? emptyDocument.has(first.kind) : first.kind === 'stream-end'
  if (empty) return nothing
  const root = composer.node('block')
  scanner.peek() // a fault right behind the document is one of the document
  warnOfRest(scanner, text)
  const { anchors } = composer
  if (!tooBig(root)) return { root, anchors }
  text.add({
    kind: 'too-large',
    message: 'its anchors stand for more than this program is willing to write out',
    start: 0,
    hint: 'anchors inside of anchors multiply; use fewer',
  })
  return { root: undefined, anchors }
}

/** `%` lines and the `---` before the document; which prefix each tag handle stands for. */
function directives(scanner: Scanner): { handles: ReadonlyMap<string, string>; explicit: boolean } {
  const handles = new Map<string, string>()
  let version: string | undefined
  for (;;) {
    const token = scanner.peek()
    if (token.kind === 'version-directive') {
      if (version !== undefined) throw new SyntaxFault(token.start, 'a second `%YAML` line stands here', 'remove it')
      version = token.version
      if (!/^0?1\.0?1$/.test(version)) throw new SyntaxFault(token.start, `YAML ${version} is not read, only YAML 1.1, as in Concourse`, 'remove the `%YAML` line')
    } else if (token.kind === 'tag-directive') {
      if (handles.has(token.handle)) throw new SyntaxFault(token.start, `a second \`%TAG\` line for ${token.handle} stands here`, 'remove it')
      handles.set(token.handle, token.prefix)
    } else break
    scanner.take()
  }
  const explicit = scanner.peek().kind === 'document-start'
  if (explicit) scanner.take()
  else if (version !== undefined || handles.size > 0) throw new SyntaxFault(scanner.peek().start, 'after the `%` lines `---` is missing')
  for (const [handle, prefix] of [['!', '!'], ['!!', 'tag:yaml.org,2002:']] as const) if (!handles.has(handle)) handles.set(handle, prefix)
  return { handles, explicit }
}

/** Concourse reads the first document and does not look at what follows it. */
function warnOfRest(scanner: Scanner, text: SourceText): void {
  try {
    let start: number | undefined
    for (;;) {
      const token = scanner.peek()
      if (token.kind === 'stream-end') return
      if (token.kind !== 'document-start' && token.kind !== 'document-end') {
        warn(text, start ?? token.start, start === undefined ? 'what stands here is not read: the value before it is complete' : 'a second YAML document starts here; only the first is read')
        return
      }
      start = token.start
      scanner.take()
    }
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault
    warn(text, fault.start, 'what stands here is not read: the first YAML document ends above')
  }
}

function warn(text: SourceText, start: number, message: string): void {
  text.add({ severity: 'warning', kind: 'yaml', message, start, hint: 'remove it, or split the file' })
}
