import { quote } from '../quote.ts'
import { scalarNode, type ScalarNode } from './node.ts'
import { plainScalar, type PlainValue } from './plain-scalar.ts'

const known = 'tag:yaml.org,2002:'

/** What is said about a scalar that cannot be kept as it is written. */
export interface ScalarFault {
  readonly message: string
  readonly hint?: string
}

export type Resolved = { readonly node: ScalarNode } | { readonly fault: ScalarFault }

export interface WrittenScalar {
  readonly text: string
  /** Empty: it has none. */
  readonly tag: string
  /** It has no quotes, so that its text decides on its type unless a tag does. */
  readonly plain: boolean
  readonly start: number
  readonly end: number
}

/** The value of a scalar. */
export function resolveScalar({ text, tag, plain, start, end }: WrittenScalar): Resolved {
  if (tag === '' && !plain) return { node: scalarNode(text, start, end) }
  if (tag === `${known}binary`) return binary(text, start, end)
  // With a tag that is not one of YAML's own for scalars (`!secret yes`) the text stays a text.
  if (tag !== '' && !scalarTags.has(tag)) return { node: scalarNode(text, start, end) }
  if (tag === `${known}str`) return { node: scalarNode(text, start, end) }
  const value = plainScalar(text)
  if (tag !== '' && !fits(tag, value)) return { fault: { message: `${quote(text)} is no ${tag.slice(known.length)}, as its tag says` } }
  if (typeof value === 'bigint') return { node: scalarNode(Number(value), start, end, { source: text, digits: String(value) }) }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { fault: { message: `${quote(text)} is no number that a config can hold`, hint: 'put quotes around it if it is meant as text' } }
  }
  return { node: scalarNode(value, start, end, String(value) === text ? {} : { source: text }) }
}

const scalarTags: ReadonlySet<string> = new Set(['str', 'bool', 'int', 'float', 'null', 'timestamp'].map((name) => known + name))

const isDate = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})?)?$/

function fits(tag: string, value: PlainValue): boolean {
  switch (tag.slice(known.length)) {
    case 'bool':
      return typeof value === 'boolean'
    case 'null':
      return value === null
    case 'int':
      return typeof value === 'bigint' || Number.isInteger(value)
    case 'float':
      return typeof value === 'bigint' || typeof value === 'number'
    default:
      return typeof value === 'string' && isDate.test(value)
  }
}

function binary(text: string, start: number, end: number): Resolved {
  const base64 = text.replace(/[\r\n]/g, '')
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return { fault: { message: 'a `!!binary` value is no base64', hint: 'the length of base64 is a multiple of 4' } }
  return { node: scalarNode(Buffer.from(base64, 'base64').toString('utf8'), start, end) }
}
