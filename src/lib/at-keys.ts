/** What stands at `path` in a value, a list of keys from the outside in; undefined where nothing does. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Readonly<Record<string, unknown>> | undefined)?.[key], value)
}

/** The value with what stands at `path` replaced; where nothing does, the value itself. */
export function replaceAt(value: unknown, path: readonly string[], replace: (found: unknown) => unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return replace(value)
  const fields = value as Readonly<Record<string, unknown>>
  return fields[key] === undefined ? value : { ...fields, [key]: replaceAt(fields[key], rest, replace) }
}
