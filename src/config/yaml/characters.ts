/** Classes of characters of YAML 1.1, by code. A NUL, which no text may contain, stands for the end of the text. */
export const space = 0x20
export const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
export const end = 0

export const isBlank = (code: number): boolean => code === space || code === tab

export const isBreak = (code: number): boolean => code === lineFeed || code === carriageReturn || code === 0x85 || code === 0x2028 || code === 0x2029

export const isBreakOrEnd = (code: number): boolean => code === end || isBreak(code)

export const isBlankOrEnd = (code: number): boolean => code <= space ? code === space || code === tab || code === lineFeed || code === carriageReturn || code === end : isBreak(code)

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** What names of anchors and of tags' handles are made of. */
export const isNameCharacter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || isDigit(code) || code === 0x5f || code === 0x2d

export const isCarriageReturn = (code: number): boolean => code === carriageReturn
