import type { Assignment } from '../model/container.ts'

/** Linux: MAX_ARG_STRLEN, for one argument or one variable with its name, its `=` and the zero byte behind it. */
const longestString = 131_072
/** Linux: what all arguments and variables may take, whatever the stack's limit is (three quarters of 8 MiB). */
const longestAll = 6 * 1024 * 1024

/** Why Linux would refuse to start a process with "argument list too long"; undefined: it would not for its own limits. */
export function tooLongToStart({ args, env }: Pick<Assignment['process'], 'args' | 'env'>): string | undefined {
  const variables = env.map((pair) => ({ what: `the variable ${pair.slice(0, Math.max(0, pair.indexOf('=')))}`, bytes: sizeOf(pair) }))
  const strings = [...variables, ...args.map((arg, index) => ({ what: `argument ${index + 1}`, bytes: sizeOf(arg) }))]
  const widest = strings.reduce((most, next) => (next.bytes > most.bytes ? next : most), { what: 'nothing', bytes: 0 })
  const advice = 'pass it in a file of an input'
  if (widest.bytes > longestString) {
    const name = widest.what.startsWith('the') ? ', its name included,' : ''
    return `${widest.what} has ${widest.bytes - 1} bytes${name} and Linux starts no process with one of more than ${longestString - 1}: ${advice}`
  }
  const all = strings.reduce((sum, { bytes }) => sum + bytes, 0)
  if (all <= longestAll) return undefined
  return `arguments and environment have ${all} bytes, and Linux starts no process with more than ${longestAll}; ${widest.what} is the largest, with ${widest.bytes - 1}: ${advice}`
}

const sizeOf = (text: string): number => Buffer.byteLength(text) + 1
