import { printable } from '../../lib/visible.ts'
import type { Context } from '../decode/context.ts'
import { quote } from '../quote.ts'
import { hasVar } from '../vars/reference.ts'
import { identifierFault } from './identifier.ts'

/** Names of one kind of thing: not empty, well formed, each once. `seen` is shared by kinds that share a name space. */
export function validateNames(context: Context, what: string, things: readonly { readonly name: string }[], seen: Map<string, string> = new Map()): void {
  for (const thing of things) {
    const { name } = thing
    if (name === '') continue // decoding has said so, unless it is written as ''
    const place = context.placeOf(thing, 'name')
    const earlier = seen.get(name)
    if (earlier !== undefined) {
      context.report(place, 'duplicate-name', `${earlier} is named ${quote(name)} too`, { hint: 'rename or remove one of them' })
    }
    seen.set(name, `the ${what} on line ${context.text.position(place?.node.start ?? 0).line}`)
    validateIdentifier(context, thing, 'name')
  }
}

/** A name at a key of a decoded object. */
export function validateIdentifier<K extends string>(context: Context, object: Readonly<Record<K, string>>, key: K, options: { fault?: 'error'; varsAllowed?: boolean } = {}): void {
  const name = object[key]
  const place = context.placeOf(object, key)
  if (hasVar(name)) {
    if (options.varsAllowed === true) return
    context.report(place, 'unresolved-var', `the var in the name ${quote(name)} has no value yet`, { severity: 'warning' })
    return
  }
  const fault = identifierFault(name)
  if (name === '' || fault === undefined) return
  context.report(place, 'invalid-identifier', `${quote(name)} is not a valid identifier: ${printable(fault)}`, options.fault === 'error' ? {} : { severity: 'warning' })
}
