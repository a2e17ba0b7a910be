import { printable, visible } from '../../lib/visible.ts'
import type { BuildEvent } from '../../model/event.ts'
import type { Colors } from '../colors.ts'
import type { StepLabel } from './step-labels.ts'

export interface EventPrinterOptions {
  readonly write: (text: string) => void
  readonly colors: Colors
  readonly labelOf: (planId: string) => StepLabel | undefined
}

/**
 * Prints a build's events as `fly watch` does, each error too, and a line where a get or a put of the job begins. Steps that run side by
 * side are told apart by their name before each line. Names, commands and errors cannot bring control sequences to the terminal; the
 * output of processes is shown as it is.
 */
export class EventPrinter {
  private readonly options: EventPrinterOptions
  private readonly unfinished = new Map<string, string>()
  private atLineStart = true

  constructor(options: EventPrinterOptions) {
    this.options = options
  }

  print(event: BuildEvent): void {
    const { colors } = this.options
    switch (event.type) {
      case 'log':
        return this.text(event.data.origin.id, event.data.payload)
      case 'error':
        return this.line(event.data.origin.id, colors.red(visible(event.data.message)))
      case 'initialize-check':
        return this.line(event.data.origin.id, colors.bold(printable(`initializing check: ${event.data.name}`)))
      case 'initialize-task':
        return this.line(event.data.origin.id, colors.bold('initializing'))
      case 'start-task': {
        const { path, args } = event.data.config.run
        return this.line(event.data.origin.id, colors.bold(visible(`running ${[path, ...args].join(' ')}`)))
      }
      case 'initialize-get':
      case 'initialize-put':
        return this.begins(event.data.origin.id)
      case 'status':
        return this.status(event.data.status)
      case 'finish-task':
      case 'start-get':
      case 'finish-get':
      case 'start-put':
      case 'finish-put':
      case 'image-check':
      case 'image-get':
      case 'initialize':
      case 'start':
      case 'finish':
      case 'across-substeps':
      case 'waiting-for-worker':
      case 'selected-worker':
        return
    }
  }

  /** Not of an image's get: its step has said that it begins. */
  private begins(planId: string): void {
    const label = this.options.labelOf(planId)
    if (label?.image === false) this.line(planId, this.options.colors.bold(printable(`initializing ${label.kind}: ${label.step}`)))
  }

  private status(status: string): void {
    if (status === 'started') return
    for (const [label, rest] of this.unfinished) if (rest !== '') this.write(`${label}${rest}\n`)
    this.unfinished.clear()
    if (!this.atLineStart) this.write('\n')
    const { green, red, yellow } = this.options.colors
    this.write(`${(status === 'succeeded' ? green : status === 'aborted' ? yellow : red)(status)}\n`)
  }

  private line(planId: string, text: string): void {
    const prefix = this.prefix(planId)
    if (prefix === '') return this.write(`${this.atLineStart ? '' : '\n'}${text}\n`)
    const rest = this.unfinished.get(prefix) ?? ''
    this.unfinished.set(prefix, '')
    this.write(rest === '' ? '' : `${prefix}${rest}\n`)
    for (const single of text.split('\n')) this.write(`${prefix}${single}\n`)
  }

  private text(planId: string, payload: string): void {
    const prefix = this.prefix(planId)
    if (prefix === '') return this.write(payload)
    const lines = `${this.unfinished.get(prefix) ?? ''}${payload}`.split('\n')
    this.unfinished.set(prefix, lines.pop() ?? '')
    for (const line of lines) this.write(`${prefix}${line}\n`)
  }

  private prefix(planId: string): string {
    const label = this.options.labelOf(planId)
    return label?.parallel === true ? this.options.colors.cyan(`${printable(label.name)} | `) : ''
  }

  private write(text: string): void {
    if (text === '') return
    this.options.write(text)
    this.atLineStart = text.endsWith('\n')
  }
}
