import { messageOf } from './errors.ts'

export interface Re2Pattern {
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean
}

/** Repetitions make a short pattern a long program; matching takes time in proportion to its length and the text's. */
const longestPattern = 1000

/** Compiles RE2's language: no look-around, no back references, and no pattern that can hang a server. The error is a sentence. */
export async function compileRe2(text: string): Promise<{ readonly ok: true; readonly value: Re2Pattern } | { readonly ok: false; readonly error: string }> {
  if (text.length > longestPattern) return { ok: false, error: `it is longer than ${longestPattern} characters` }
  // Loaded only when there is a pattern, since loading it is slow.
  const { RE2JS } = await import('re2js')
  try {
    return { ok: true, value: RE2JS.compile(text) }
  } catch (error) {
    return { ok: false, error: `${messageOf(error).replace(/^error parsing regexp: /, '')} (RE2 syntax)` }
  }
}
