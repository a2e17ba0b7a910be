import type { Json } from '../model/json.ts'

/** JSON as Go's encoder writes it, which keeps it safe inside of HTML. */
export function goJson(value: Json): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
