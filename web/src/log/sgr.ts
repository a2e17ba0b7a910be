/**
 * What a character looks like, packed into one number: foreground 0–4, background 5–9 (0: default, else colour + 1), then flags, then
 * the number of its link. 256 and true colours become the nearest of sixteen, which the theme keeps readable on its ground.
 */
export type Style = number

export const bold = 1 << 10
export const dim = 1 << 11
export const italic = 1 << 12
export const underline = 1 << 13
export const inverse = 1 << 14
export const strike = 1 << 15
const linkShift = 16
export const maxLink = 0x7fff

export const foreground = (style: Style): number | undefined => colourAt(style, 0)
export const background = (style: Style): number | undefined => colourAt(style, 5)
export const linkOf = (style: Style): number => style >>> linkShift
export const withLink = (style: Style, link: number): Style => (style & 0xffff) | (link << linkShift)

/** More parameters than any program sends; the rest of a longer sequence counts for nothing. */
const maxParameters = 32

/** The style after `ESC [ parameters m`. A link stays: it has its own sequences. */
export function sgr(style: Style, parameters: string): Style {
  const groups = parameters.split(';', maxParameters).map((group) => group.split(':', 8).map((text) => (text === '' ? 0 : Number(text))))
  let next = style
  for (let at = 0; at < groups.length; at += 1) {
    const [code = 0, ...sub] = groups[at] ?? []
    if (code === 38 || code === 48) {
      const { colour, used } = sub.length > 0 ? { colour: extended(sub), used: 0 } : flat(groups, at)
      at += used
      if (colour !== undefined) next = withColour(next, code === 38 ? 0 : 5, colour)
    } else {
      next = simple(next, code, sub[0])
    }
  }
  return next
}

/** `38;5;N` and `38;2;R;G;B`, whose parts are parameters of their own. */
function flat(groups: readonly (readonly number[])[], at: number): { colour: number | undefined; used: number } {
  const kind = groups[at + 1]?.[0]
  const used = kind === 5 ? 2 : kind === 2 ? 4 : 1
  return { colour: extended(groups.slice(at + 1, at + 1 + used).map(([value = 0]) => value)), used }
}

/** `5:N`, `2:R:G:B` and `2:SPACE:R:G:B`. */
function extended([kind, ...rest]: readonly number[]): number | undefined {
  if (kind === 5) return colour256(rest[0] ?? 0)
  if (kind !== 2) return undefined
  const [r = 0, g = 0, b = 0] = rest.length > 3 ? rest.slice(1) : rest
  return nearest(r, g, b)
}

function simple(style: Style, code: number, sub: number | undefined): Style {
  if (code >= 30 && code <= 37) return withColour(style, 0, code - 30)
  if (code >= 90 && code <= 97) return withColour(style, 0, code - 82)
  if (code >= 40 && code <= 47) return withColour(style, 5, code - 40)
  if (code >= 100 && code <= 107) return withColour(style, 5, code - 92)
  switch (code) {
    case 0: return style & ~0xffff
    case 1: return style | bold
    case 2: return style | dim
    case 3: return style | italic
    case 4: return sub === 0 ? style & ~underline : style | underline
    case 7: return style | inverse
    case 9: return style | strike
    case 21: return style | underline
    case 22: return style & ~(bold | dim)
    case 23: return style & ~italic
    case 24: return style & ~underline
    case 27: return style & ~inverse
    case 29: return style & ~strike
    case 39: return style & ~0x1f
    case 49: return style & ~(0x1f << 5)
    // 8 hides text: nothing in a log is hidden. Blinking and fonts are not shown.
    default: return style
  }
}

const colourAt = (style: Style, shift: number): number | undefined => {
  const value = (style >>> shift) & 0x1f
  return value === 0 ? undefined : value - 1
}

const withColour = (style: Style, shift: number, colour: number): Style => (style & ~(0x1f << shift)) | ((colour + 1) << shift)

function colour256(index: number): number | undefined {
  if (!(index >= 0 && index <= 255)) return undefined
  if (index < 16) return index
  if (index >= 232) return nearest(8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10)
  const step = (value: number): number => (value === 0 ? 0 : 55 + value * 40)
  const cube = index - 16
  return nearest(step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6))
}

/** Hues where the next of red, yellow, green, cyan, blue, magenta begins. */
const hues: readonly (readonly [number, number])[] = [[25, 1], [75, 3], [165, 2], [200, 6], [265, 4], [330, 5], [361, 1]]

function nearest(r: number, g: number, b: number): number | undefined {
  if (![r, g, b].every((value) => value >= 0 && value <= 255)) return undefined
  const [max, min] = [Math.max(r, g, b), Math.min(r, g, b)]
  const light = (max + min) / 510
  if (max - min < 40) return light < 0.2 ? 0 : light < 0.5 ? 8 : light < 0.85 ? 7 : 15
  const raw = max === r ? (g - b) / (max - min) : max === g ? 2 + (b - r) / (max - min) : 4 + (r - g) / (max - min)
  const hue = (raw * 60 + 360) % 360
  const base = hues.find(([end]) => hue < end)?.[1] ?? 1
  return light > 0.6 ? base + 8 : base
}
