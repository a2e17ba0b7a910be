import type { Json, JsonObject } from '../../model/json.ts'
import { durationHint, parseDuration } from '../duration.ts'
import { quote } from '../quote.ts'
import { hasVar } from '../vars/reference.ts'
import { toJson, type YamlNode } from '../yaml/node.ts'
import type { Context, Place } from './context.ts'
import { exactJson, hasLongNumber, warnOfLostDigits } from './long-numbers.ts'

/** Takes a value from its place, or reports what is wrong with it and gives undefined. */
export type Reader<T> = (context: Context, place: Place) => T | undefined

export const isNull = (node: YamlNode): boolean => node.kind === 'scalar' && node.value === null

/** What a value is, in words; the value itself only where it is in the file and cannot be a secret. */
function describe(node: YamlNode): string {
  if (node.kind !== 'scalar') return node.fromVar === undefined ? `a ${node.kind}` : `a ${node.kind} (from ${quote(node.fromVar)})`
  if (node.value === null) return 'nothing'
  const type = typeof node.value === 'string' ? 'the text' : `the ${typeof node.value}`
  if (node.fromVar !== undefined) return `${typeof node.value === 'string' ? 'text' : `a ${typeof node.value}`} (from ${quote(node.fromVar)})`
  return `${type} ${quote(node.source ?? String(node.value))}`
}

export const valueHint = 'give it one, e.g. with `--var name=value` (text), `--yaml-var` or `--load-vars-from`'

/** Reports a value of the wrong type; one that is still a `((var))` needs a value first. */
export function wrongType(context: Context, place: Place, wanted: string, hint?: string): undefined {
  const { node } = place
  if (node.kind === 'scalar' && typeof node.value === 'string' && hasVar(node.value)) {
    context.report(place, 'unresolved-var', `${wanted} is needed here, and ${quote(node.value)} has no value yet`, { hint: valueHint })
    return undefined
  }
  context.report(place, 'wrong-type', `this must be ${wanted}, not ${describe(node)}`, { hint })
  return undefined
}

export const text: Reader<string> = (context, place) => {
  const { node } = place
  if (node.kind !== 'scalar' || node.value === null) return wrongType(context, place, 'text')
  if (typeof node.value === 'string') return node.value
  if (node.digits !== undefined && context.coercion === 'text') return node.digits
  const written = node.source ?? String(node.value)
  if (context.coercion === 'refuse' && node.fromVar === undefined) {
    return wrongType(context, place, 'text', `put quotes around it: "${written}"`)
  }
  if (written !== String(node.value) && node.fromVar === undefined) {
    context.report(place, 'ambiguous', `${quote(written)} is read as ${quote(String(node.value))}`, {
      severity: 'warning',
      hint: `put quotes around it to keep it as written: "${written}"`,
    })
  }
  return String(node.value)
}

/** Text in a list or map: Concourse takes one that is left out for the empty text. */
export const textOrNothing: Reader<string> = (context, place) => {
  if (!isNull(place.node)) return text(context, place)
  context.report(place, 'ambiguous', 'nothing stands here; it counts as the empty text', { severity: 'warning', hint: 'remove it, or write `""` if that is meant' })
  return ''
}

export const boolean: Reader<boolean> = (context, place) => {
  const { node } = place
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value
  const quotedWord = node.kind === 'scalar' && /^(?:true|false|yes|no|on|off)$/i.test(String(node.value))
  return wrongType(context, place, '`true` or `false`', quotedWord ? 'remove the quotes' : undefined)
}

const integer: Reader<number> = (context, place) => {
  const { node } = place
  if (node.kind === 'scalar' && Number.isSafeInteger(node.value)) return node.value as number
  const quotedNumber = node.kind === 'scalar' && typeof node.value === 'string' && /^\d+$/.test(node.value)
  return wrongType(context, place, 'a whole number', quotedNumber ? 'remove the quotes' : undefined)
}

export function integerFrom(least: number): Reader<number> {
  return (context, place) => {
    const value = integer(context, place)
    if (value === undefined || value >= least) return value
    context.report(place, 'invalid-value', `this must be ${least} or more, not ${value}`)
    return undefined
  }
}

/** How many at once: nothing, 0 and everything below it are no limit. */
export const limit: Reader<number> = (context, place) => {
  const value = integer(context, place)
  if (value === undefined || value >= 0) return value
  context.report(place, 'invalid-value', `${value} counts as no limit`, { severity: 'warning', hint: 'leave it out' })
  return undefined
}

export const duration: Reader<string> = (context, place) => {
  const value = text(context, place)
  if (value === undefined || value === '') return value
  if (hasVar(value)) return wrongType(context, place, 'a duration')
  const length = parseDuration(value)
  if (length === undefined) context.report(place, 'invalid-value', `${quoteOf(place)} is no duration`, { hint: durationHint })
  else if (length < 0) context.report(place, 'invalid-value', `the duration ${quoteOf(place)} is negative`)
  return value
}

/** A duration that Concourse reads when it is needed: a var in it may have no value before. */
export const lateDuration: Reader<string> = (context, place) => {
  const { node } = place
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || !hasVar(node.value)) return duration(context, place)
  context.report(place, 'unresolved-var', `a duration is needed here, and ${quote(node.value)} has no value yet; without one this fails when it runs`, { severity: 'warning', hint: valueHint })
  return node.value
}

/** The value for a message, unless it came from a var. */
export const quoteOf = ({ node }: Place): string => (node.kind === 'scalar' && node.fromVar === undefined ? quote(String(node.value)) : quote(node.fromVar ?? '…'))

/** A value of any type. Whole numbers above 2^53 lose digits, in Concourse too. */
export const anything: Reader<Json> = (context, place) => {
  warnOfLostDigits(context, place)
  return toJson(place.node)
}

/** A param becomes an environment variable, that is text, so that whole numbers of any size keep their digits. */
export const param: Reader<Json> = (_context, { node }) => (hasLongNumber(node) ? exactJson(node) : toJson(node))

/** A map whose values are free: source, params and the like. */
export const freeMap: Reader<JsonObject> = (context, place) =>
  place.node.kind === 'map' ? (anything(context, place) as JsonObject) : wrongType(context, place, 'a map')
