const pattern = /^(\d+)(?:([KMG])i?B?)?$/i
const factor: { readonly [unit: string]: number } = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 }

/** Bytes of `512MB`, `1gb`, `64Ki`, `1024`; every unit is binary, as in Concourse. Undefined if it is none of these. */
export function parseMemory(text: string): number | undefined {
  const found = pattern.exec(text)
  if (found === null) return undefined
  const bytes = Number(found[1]) * (factor[(found[2] ?? '').toUpperCase()] ?? 1)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

export const memoryHint = 'write bytes or a unit, e.g. `512MB` or `1GB`'
