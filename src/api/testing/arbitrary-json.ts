import fc from 'fast-check'

/** The part of JSON Schema that docs/openapi.json uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
}

/** Strings that have broken others: NUL, lone surrogates, what is not normalised, paths, prototypes, SQL. */
export const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', ' ', '\0', 'a\0b', '\ud800', 'e\u0301', '..', '../..', '%2e%2e', '__proto__', 'constructor', "' or 1=1 --", '-1', '0', '1e9', '99999999999999999999', 'NaN', '\u202e', '[]', '{}', 'null', 'x'.repeat(2_000)),
)

/** Values of the schema, and now and then any other. */
export function arbitraryOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 6, arbitrary: valid(schema) }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) })
}

function valid(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(arbitraryOf))
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if ('const' in schema) return fc.constant(schema.const)
  switch (schema.type) {
    case 'string':
      return oddText
    case 'integer':
      return fc.oneof(fc.integer(), fc.maxSafeInteger())
    case 'number':
      return fc.double()
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(arbitraryOf(schema.items ?? {}), { maxLength: 4 })
    case 'object':
      return objects(schema)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function objects({ properties = {}, required = [], additionalProperties }: JsonSchema): fc.Arbitrary<object> {
  const known = fc.record(Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, arbitraryOf(property)])), { requiredKeys: required.filter((name) => name in properties) })
  if (additionalProperties === undefined || additionalProperties === false) return known
  const more = fc.dictionary(oddText, arbitraryOf(additionalProperties === true ? {} : additionalProperties), { maxKeys: 3 })
  return fc.tuple(known, more).map(([one, other]) => ({ ...other, ...one }))
}
