/** Columns that characters take, as terminals count them. A browser's fonts may differ: such lines are measured when they are shown. */
const zeroWidth = /\p{Mn}|\p{Me}|\p{Cf}/u
const emoji = /\p{Emoji_Presentation}/u
/** Ranges that East Asian Width calls wide, in pairs. */
const wide = [0x1100, 0x115f, 0x2e80, 0x303e, 0x3041, 0x33ff, 0x3400, 0x4dbf, 0x4e00, 0x9fff, 0xa000, 0xa4cf, 0xa960, 0xa97c, 0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe6f, 0xff00, 0xff60, 0xffe0, 0xffe6, 0x20000, 0x3fffd]
const plain = /^[\x20-\x7e]*$/

export const isPlain = (text: string): boolean => plain.test(text)

/** 0, 1 or 2. */
export function widthOf(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x300) return code === 0xad ? 0 : 1
  if (code < 0x1100) return zeroWidth.test(character) ? 0 : 1
  for (let at = 0; at < wide.length; at += 2) if (code >= (wide[at] ?? 0) && code <= (wide[at + 1] ?? 0)) return 2
  if (emoji.test(character)) return 2
  return zeroWidth.test(character) ? 0 : 1
}

/** Columns of a text, as a terminal counts them. @testonly */
export function widthOfText(text: string): number {
  if (isPlain(text)) return text.length
  let width = 0
  for (const character of text) width += widthOf(character)
  return width
}

/** Rows of `width` columns that a text takes: a wide character that does not fit at the end of one begins the next. */
export function rowsOfText(text: string, width: number): number {
  let [rows, used] = [1, 0]
  for (const character of text) {
    const own = Math.min(widthOf(character), width)
    if (used + own > width) {
      rows += 1
      used = 0
    }
    used += own
  }
  return rows
}

/** Index in `text` of the character that begins at or behind a column. */
export function indexOfColumn(text: string, column: number): number {
  if (isPlain(text)) return Math.min(column, text.length)
  let [width, index] = [0, 0]
  for (const character of text) {
    const own = widthOf(character)
    if (width >= column && own > 0) break
    width += own
    index += character.length
  }
  return index
}
