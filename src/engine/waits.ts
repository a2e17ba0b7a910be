import type { StepReport, StepWait } from '../model/step-report.ts'

/** Waits of one step that are recorded one by one; a pod that cannot be placed for hours has hundreds. */
export const mostWaits = 20
/** Characters of a wait's message that are recorded. */
export const longestMessage = 300

/** `redact` takes secrets out of texts, before they are cut. */
export interface Recording {
  readonly now: () => number
  readonly redact: (text: string) => string
}

/** The waits of a step: one ends when the next begins. */
export class Waits {
  private readonly options: Recording
  private readonly list: StepWait[] = []
  private more = 0

  constructor(options: Recording, before: Partial<Pick<StepReport, 'waits' | 'moreWaits'>> = {}) {
    this.options = options
    this.list.push(...(before.waits ?? []).slice(0, mostWaits))
    this.more = before.moreWaits ?? 0
  }

  /** Progress of a pull is no other wait: only another reason or message is. */
  begin(reason: StepWait['reason'], message: string): void {
    const last = this.list.at(-1)
    const text = this.options.redact(message).slice(0, longestMessage)
    if (last !== undefined && last.to === undefined && last.reason === reason && last.message === text) return
    this.end()
    if (this.list.length >= mostWaits) this.more += 1
    else this.list.push({ reason, message: text, from: this.options.now() })
  }

  end(): void {
    const last = this.list.at(-1)
    if (last !== undefined && last.to === undefined) this.list[this.list.length - 1] = { ...last, to: this.options.now() }
  }

  get report(): Pick<StepReport, 'waits' | 'moreWaits'> {
    return { waits: [...this.list], ...(this.more > 0 && { moreWaits: this.more }) }
  }
}

/** Joined as if one had recorded them all. */
export function joinedWaits(reports: readonly Pick<StepReport, 'waits' | 'moreWaits'>[]): Pick<StepReport, 'waits' | 'moreWaits'> {
  const all = reports.flatMap(({ waits }) => waits).toSorted((a, b) => a.from - b.from)
  const more = Math.max(0, all.length - mostWaits) + reports.reduce((sum, { moreWaits = 0 }) => sum + moreWaits, 0)
  return { waits: all.slice(0, mostWaits), ...(more > 0 && { moreWaits: more }) }
}
