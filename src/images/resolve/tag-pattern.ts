import { messageOf } from '../../lib/errors.ts'
import { fail, ok, type Result } from '../../model/result.ts'

/** A compiled `tag_regex`. */
export interface TagPattern {
  /** The tags that match, in the order given. Pauses in between, so that other work is not held up. */
  select(tags: readonly string[]): Promise<string[]>
}

/** Repetitions make a short pattern a long program; matching takes time in proportion to its length and the tag's. */
const longestPattern = 1000
/** How long tags are matched without a pause, in ms. */
const turn = 5

/**
 * Compiles RE2's language, which is what the resource takes: no look-around, no back references, and no pattern that can hang a server.
 * A pattern matches anywhere in a tag unless it is anchored.
 */
export async function compileTagPattern(text: string): Promise<Result<TagPattern, string>> {
  if (text.length > longestPattern) return fail(`it is longer than ${longestPattern} characters`)
  // Loaded only when a source has a pattern, since loading it is slow.
  const { RE2JS } = await import('re2js')
  try {
    const pattern = RE2JS.compile(text)
    return ok({
      async select(tags) {
        const found: string[] = []
        let since = performance.now()
        for (const tag of tags) {
          if (pattern.test(tag)) found.push(tag)
          if (performance.now() - since < turn) continue
          await new Promise((resolve) => setImmediate(resolve))
          since = performance.now()
        }
        return found
      },
    })
  } catch (error) {
    return fail(`${messageOf(error).replace(/^error parsing regexp: /, '')} (RE2 syntax)`)
  }
}
