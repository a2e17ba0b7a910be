import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { fail, ok, type Result } from '../model/result.ts'
import type { TestCase, TestState } from '../model/test-report.ts'

export interface JunitSuite {
  readonly name: string
  readonly cases: TestCase[]
}

/** Takes cases as they are read, of suites in the order in which they begin. */
export interface JunitSink {
  suite(name: string): (testCase: TestCase) => void
}

export interface JunitBounds {
  /** Elements inside each other. */
  readonly depth: number
  /** Characters of a name, of a message, and of a text or output. */
  readonly name: number
  readonly message: number
  readonly text: number
}

/** What an element in a `testcase` says of it. Elements of reruns and flaky failures are of tries that did not count. */
const verdicts: Readonly<Record<string, TestState>> = { failure: 'failed', error: 'errored', skipped: 'skipped' }
/** CTest says by an attribute what others say by an element. */
const unrunStatus = new Set(['disabled', 'notrun', 'skipped'])
const worst: readonly TestState[] = ['passed', 'skipped', 'failed', 'errored']

interface OpenCase {
  readonly sink: (testCase: TestCase) => void
  readonly about: Pick<TestCase, 'name' | 'class' | 'ms'>
  state: TestState
  message: string
  text: string
  output: string
}

class Refused extends Error {}

/**
 * Reads JUnit XML, as far as it is well-formed: the error says where it is not, and the cases before that have been handed on.
 * A document type is refused, so that nothing is expanded, and of entities there are XML's own five.
 */
export function readJunit(xml: string, sink: JunitSink, bounds: JunitBounds): Result<void, string> {
  const parser = new SaxesParser({ xmlns: false })
  const names: string[] = []
  const suites: { readonly depth: number; readonly name: string; add?: (testCase: TestCase) => void }[] = []
  let open: OpenCase | undefined
  const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most).toWellFormed()}\u2026`)

  const opened = ({ name, attributes }: SaxesTagPlain): void => {
    if (names.length === 0 && name !== 'testsuites' && name !== 'testsuite') throw new Refused(`its outermost element is ${cut(name, 50)}, not testsuites or testsuite`)
    names.push(name)
    if (names.length > bounds.depth) throw new Refused(`it has more than ${bounds.depth} elements inside each other`)
    if (name === 'testsuite' || names.length === 1) {
      const outer = suites.at(-1)?.name ?? ''
      const own = name === 'testsuite' ? (attributes['name'] ?? '') : ''
      suites.push({ depth: names.length, name: cut([outer, own].filter((part) => part !== '').join(' / '), bounds.name) })
    } else if (name === 'testcase' && open === undefined) {
      const suite = suites.at(-1)
      if (suite !== undefined) open = caseOf(attributes, (suite.add ??= sink.suite(suite.name)))
    } else if (open !== undefined && Object.hasOwn(verdicts, name)) {
      const state = verdicts[name] ?? 'failed'
      if (worst.indexOf(state) > worst.indexOf(open.state)) open.state = state
      const message = attributes['message'] ?? attributes['type'] ?? ''
      if (open.message === '') open.message = cut(message.trim(), bounds.message)
    }
  }

  const caseOf = (attributes: Readonly<Record<string, string>>, add: OpenCase['sink']): OpenCase => {
    const seconds = Number((attributes['time'] ?? '').replaceAll(',', '') || Number.NaN)
    const ms = Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.round(seconds * 1000), Number.MAX_SAFE_INTEGER) : undefined
    const className = attributes['classname'] ?? ''
    return {
      sink: add,
      about: { name: cut(attributes['name'] ?? '', bounds.name), ...(className !== '' && { class: cut(className, bounds.name) }), ...(ms !== undefined && { ms }) },
      state: unrunStatus.has(attributes['status'] ?? '') ? 'skipped' : 'passed',
      message: '',
      text: '',
      output: '',
    }
  }

  /** A full one is not touched again: a document may have a million texts in one element. */
  const joined = (text: string, more: string): string => (text.length > bounds.text ? text : cut(text + more, bounds.text))

  const texted = (text: string): void => {
    const inside = names.at(-1) ?? ''
    if (open === undefined || text.trim() === '') return
    if (Object.hasOwn(verdicts, inside)) open.text = joined(open.text, text)
    else if (inside === 'system-out' || inside === 'system-err') open.output = joined(open.output, text)
  }

  const closed = ({ name }: SaxesTagPlain): void => {
    if (suites.at(-1)?.depth === names.length) suites.pop()
    names.pop()
    if (name !== 'testcase' || open === undefined || names.includes('testcase')) return
    const { sink: add, about, state, message, text, output } = open
    open = undefined
    const failed = state === 'failed' || state === 'errored'
    add({ ...about, state, ...(message !== '' && { message }), ...(text.trim() !== '' && { text: withoutMargins(text) }), ...(failed && output.trim() !== '' && { output: withoutMargins(output) }) })
  }

  parser.on('error', (error) => {
    throw new Refused(`it is not well-formed XML: ${cut(error.message, 200).replace(/\.$/, '')}`)
  })
  parser.on('doctype', () => {
    throw new Refused('it has a document type (DOCTYPE), which reports do not need and which is not read')
  })
  parser.on('opentag', opened)
  parser.on('closetag', closed)
  parser.on('text', texted)
  parser.on('cdata', texted)
  try {
    parser.write(xml).close()
    return ok(undefined)
  } catch (error) {
    if (error instanceof Refused) return fail(error.message)
    throw error
  }
}

/** Without empty lines around it; the first line keeps its indentation. */
const withoutMargins = (text: string): string => text.replace(/^(?:[ \t]*\r?\n)+/, '').trimEnd()
