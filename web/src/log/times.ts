/** What the column of times shows: nothing, seconds since the step began, or the clock of this browser. */
export type TimeKind = 'off' | 'step' | 'clock'

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** undefined: the column is not there. Events have whole seconds. */
export function timeOf(kind: TimeKind, time: number, began: number | undefined): string | undefined {
  switch (kind) {
    case 'off': return undefined
    case 'clock': return time === 0 ? '' : clock.format(time)
    case 'step': return time === 0 || began === undefined ? '' : since(Math.max(0, Math.round((time - began) / 1_000)))
  }
}

function since(seconds: number): string {
  const pad = (value: number): string => String(value).padStart(2, '0')
  if (seconds < 60) return `+${seconds} s`
  if (seconds < 3_600) return `+${Math.floor(seconds / 60)}:${pad(seconds % 60)}`
  return `+${Math.floor(seconds / 3_600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`
}
