import { compileRe2 } from '../../lib/re2.ts'
import { Turns } from '../../lib/turns.ts'
import { ok, type Result } from '../../model/result.ts'

/** A compiled `tag_regex`, which matches anywhere in a tag unless it is anchored. */
export interface TagPattern {
  /** The tags that match, in the order given. */
  select(tags: readonly string[]): Promise<string[]>
}

/** Compiles RE2's language, which is what the resource takes. */
export async function compileTagPattern(text: string): Promise<Result<TagPattern, string>> {
  const pattern = await compileRe2(text)
  if (!pattern.ok) return pattern
  return ok({
    async select(tags) {
      const found: string[] = []
      const turns = new Turns()
      for (const tag of tags) {
        if (pattern.value.test(tag)) found.push(tag)
        await turns.pause()
      }
      return found
    },
  })
}
