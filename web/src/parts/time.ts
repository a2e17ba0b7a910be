const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** How long something took, in its two largest units: `6 min 12 s`. */
export function durationText(ms: number): string {
  const all = Math.max(0, ms)
  if (all < 10 * second) return `${Math.round(all / 100) / 10} s`
  if (all < minute) return `${Math.floor(all / second)} s`
  if (all < hour) return two(Math.floor(all / minute), 'min', Math.floor((all % minute) / second), 's')
  if (all < day) return two(Math.floor(all / hour), 'h', Math.floor((all % hour) / minute), 'min')
  return two(Math.floor(all / day), 'd', Math.floor((all % day) / hour), 'h')
}

const two = (large: number, unit: string, small: number, smallUnit: string): string => `${large} ${unit}${small === 0 ? '' : ` ${small} ${smallUnit}`}`

/** How long ago something was, in its largest unit: `4 min`. */
export function ageText(ms: number): string {
  if (ms < minute) return `${Math.max(0, Math.floor(ms / second))} s`
  if (ms < hour) return `${Math.floor(ms / minute)} min`
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h`
  return `${Math.floor(ms / day)} d`
}

const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
export const dateText = (ms: number): string => full.format(ms)
