import { z } from 'zod'

/**
 * Schemas for data from outside. zod makes an issue for each bad element, some hundred bytes and a microsecond each: a document of a
 * few megabytes that is wrong throughout would cost gigabytes. These look at the size first, and stop at the first few bad elements.
 */

/** After so many bad elements the rest is not looked at. */
const badElementsReported = 3

/** A string of at most `max` UTF-16 code units; checks that are added after it do not see a longer one. */
export const boundedString = (max: number): z.ZodString => z.string().max(max, { abort: true, error: `must have at most ${max} characters` })

/** An array of at most `max` elements; the elements of a longer one are not looked at. */
export function boundedArray<Item extends z.ZodType>(item: Item, max: number): z.ZodType<z.output<Item>[]> {
  return z.unknown().transform((value, context) => {
    if (!Array.isArray(value)) return refuse(context, value, 'must be an array')
    if (value.length > max) return refuse(context, value, `must have at most ${max} elements`)
    const elements: z.output<Item>[] = []
    let bad = 0
    for (const [index, element] of value.entries()) {
      const parsed = item.safeParse(element)
      if (parsed.success) elements.push(parsed.data)
      else {
        report(context, [index], parsed.error)
        if (++bad === badElementsReported) break
      }
    }
    return elements
  })
}

/** An object of at most `max` keys, whatever they are called; the keys and values of a larger one are not looked at. */
export function boundedRecord<Key extends z.ZodType<string>, Value extends z.ZodType>(
  key: Key,
  value: Value,
  max: number,
): z.ZodType<Record<string, z.output<Value>>> {
  return z.unknown().transform((object, context) => {
    if (typeof object !== 'object' || object === null || Array.isArray(object)) return refuse(context, object, 'must be an object')
    const keys = Object.keys(object)
    if (keys.length > max) return refuse(context, object, `must have at most ${max} keys`)
    const entries: [string, z.output<Value>][] = []
    let bad = 0
    for (const name of keys) {
      const parsedKey = key.safeParse(name)
      const parsedValue = value.safeParse((object as Record<string, unknown>)[name])
      if (parsedKey.success && parsedValue.success) entries.push([parsedKey.data, parsedValue.data])
      else {
        // A key may be as long as the document: where it is not what it should be, the path does not repeat it.
        if (!parsedKey.success) report(context, [], parsedKey.error)
        else if (!parsedValue.success) report(context, [name], parsedValue.error)
        if (++bad === badElementsReported) break
      }
    }
    // Not by assignment: a key `__proto__` would set the prototype.
    return Object.fromEntries(entries)
  })
}

type Context = z.core.$RefinementCtx

function refuse(context: Context, input: unknown, message: string): never {
  context.issues.push({ code: 'custom', message, input })
  return z.NEVER
}

function report(context: Context, path: PropertyKey[], error: z.ZodError): void {
  for (const issue of error.issues) context.issues.push({ code: 'custom', message: issue.message, input: undefined, path: [...path, ...issue.path] })
}
