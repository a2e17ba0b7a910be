import type { KeepOptions } from '../../engine/build-context.ts'
import { dataFolder } from '../folders.ts'
import type { KeepContainers } from '../options.ts'

export const keepOptions = ({ seconds, oneOffSeconds, told }: KeepContainers, where: { readonly data: string }, instance: number): KeepOptions => ({
  seconds,
  oneOffSeconds,
  ...(told && { advice: keptAdvice(where, seconds, instance) }),
})

/** What a step's log says of its container when that is kept. */
function keptAdvice({ data }: { readonly data: string }, seconds: number, instance: number): NonNullable<KeepOptions['advice']> {
  const where = data === dataFolder() ? '' : ` --data ${quoted(data)}`
  return ({ buildId, stepName }) =>
    `the container of this step is kept for ${span(seconds)}, unless the build succeeds:\n` +
    `  airside intercept ${buildLabel(instance, buildId)} --step ${quoted(stepName)}${where}   enters it\n` +
    `  airside clean --kept${where}   removes it\n`
}

/** A build as `airside run --list` shows it. */
export const buildLabel = (instance: number, buildId: number): string => (instance === 0 ? String(buildId) : `${instance}/${buildId}`)

/** `90s`, `10m`, `1h30m`. */
export function span(seconds: number): string {
  const parts = [[Math.floor(seconds / 3600), 'h'], [Math.floor(seconds / 60) % 60, 'm'], [seconds % 60, 's']] as const
  return parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`).join('') || '0s'
}

/** As a shell takes it. */
const quoted = (text: string): string => (/^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
