import { colorsFor } from '../colors.ts'

/** The colour of a build's status, as fly has it. */
export function statusPaint(status: string | undefined): (text: string) => string {
  const { green, red, yellow, cyan, dim } = colorsFor(process.stdout)
  switch (status) {
    case 'succeeded':
      return green
    case 'failed':
    case 'errored':
      return red
    case 'aborted':
      return yellow
    case 'started':
      return cyan
    default:
      return dim
  }
}
