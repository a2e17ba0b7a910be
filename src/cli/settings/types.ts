import { durationHint, parseDuration } from '../../lib/duration.ts'
import { fail, ok, type Result } from '../../model/result.ts'

/*
 * Kinds of values. Each gives its type to the settings that use it: `one` and `list` keep what their parser reads.
 */

type Read<T> = (text: string) => Result<T, string>

export const one = <T>(placeholder: string, parse: Read<T>, show?: (text: string) => string) =>
  ({ form: 'one', placeholder, parse, ...(show && { show }) }) as const

export const list = <T>(placeholder: string, parse: Read<T>, show?: (text: string) => string) =>
  ({ form: 'list', placeholder, parse, ...(show && { show }) }) as const

/** A list of NAME=VALUE, which a file may hold as a map. */
export const pairs = <T>(placeholder: string, parse: Read<T>, show?: (text: string) => string) => ({ ...list(placeholder, parse, show), pairs: true }) as const

export const optional = (placeholder: string) => ({ form: 'optional', placeholder, parse: (text: string) => ok(text) }) as const

export const onOff = { form: 'switch' } as const

export const text = (placeholder: string) => one(placeholder, (given) => ok(given))

/** Nothing of it may be shown. */
export const hidden = () => ''

export const choice = <const Choices extends readonly string[]>(placeholder: string, choices: Choices) =>
  ({
    ...one(placeholder, (given): Result<Choices[number], string> => {
      const found = choices.find((word): word is Choices[number] => word === given)
      return found === undefined ? fail(`write ${inWords(choices)}`) : ok(found)
    }),
    choices,
  }) as const

export const integer = (placeholder: string, least: number, most = Number.MAX_SAFE_INTEGER) =>
  one(placeholder, (given) => {
    const number = Number(given)
    const fine = /^\d+$/.test(given) && number >= least && number <= most
    return fine ? ok(number) : fail(`write a whole number ${most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `between ${least} and ${most}`}`)
  })

/** A duration as Go writes it, in whole seconds, at least one. */
export const seconds = one('DURATION', (given) => {
  const ms = parseDuration(given)
  return ms === undefined || ms < 1000 ? fail(`${durationHint}, of a second or more`) : ok(Math.round(ms / 1000))
})

/** The same, and `0`. */
export const secondsOrNone = one('DURATION', (given) => {
  const ms = parseDuration(given)
  return ms === undefined || ms < 0 || (ms > 0 && ms < 1000) ? fail(`${durationHint}, of a second or more, or 0`) : ok(Math.round(ms / 1000))
})

/** `a, b or c` */
export const inWords = (words: readonly string[]): string => words.join(', ').replace(/, ([^,]*)$/, ' or $1')

const truths = new Map([['true', true], ['yes', true], ['on', true], ['1', true], ['false', false], ['no', false], ['off', false], ['0', false]])

export function parseSwitch(given: string): Result<boolean, string> {
  const value = truths.get(given.toLowerCase())
  return value === undefined ? fail('write true or false') : ok(value)
}
