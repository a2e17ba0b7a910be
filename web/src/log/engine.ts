import { logEventOf, type LogEvent, type TaskConfig } from './events.ts'
import { FrameReader, type Frame } from './frames.ts'
import { defaultBudget, type Budget } from './lines.ts'
import type { Answers, Ask, State } from './protocol.ts'
import { logOfPart } from './part.ts'
import { StepLog } from './step-log.ts'
import { View } from './view.ts'

/** More than a build's plan has steps. */
const maxSteps = 100_000
const maxConfigs = 10_000
/** More than a page shows. */
const mostMeasured = 400
/** So much is read between two looks at the clock: about a millisecond's work. */
const pieceBytes = 64 * 1024
const pieceCharacters = 16 * 1024

/** All that the log worker does, without the worker: takes the events of one build, and answers what the page asks. */
export class LogEngine {
  readonly #budget: Budget
  #reader = new FrameReader()
  readonly #logs = new Map<string, StepLog>()
  readonly #configs = new Map<string, TaskConfig>()
  #view = new View('', new StepLog(), 0)
  /** What was asked for first of a step, which is looked at until as much of the whole has been read. */
  #part: { readonly step: string; readonly log: StepLog } | undefined
  #ended = false
  /** The newest event; those that come again, after a connection broke, are left out. */
  #last: number | undefined

  /** What each log holds, and those that have grown since. */
  readonly #held = new Map<StepLog, { readonly lines: number; readonly characters: number }>()
  readonly #grown = new Set<StepLog>()
  #full = false
  /** Events are missing between others: the server keeps them no more. */
  #removed = false

  constructor(budget: Budget = defaultBudget) {
    this.#budget = budget
  }

  get last(): number | undefined {
    return this.#last
  }

  /** The connection broke: what came of an event that was not complete will come again. */
  cut(): void {
    this.#reader = new FrameReader()
  }

  /** Reads a piece of the stream, and yields now and then: whoever reads may do something else first. */
  *read(bytes: Uint8Array): Generator<void, void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      let characters = 0
      for (const frame of this.#reader.feed(bytes.subarray(at, at + pieceBytes))) {
        const event = this.#eventOf(frame)
        if (event?.kind !== 'output') {
          if (event !== undefined) this.#take(event)
          continue
        }
        for (let from = 0; from < event.text.length; from += pieceCharacters) {
          this.#grow(event.step)?.output(event.text.slice(from, from + pieceCharacters), event.time)
          characters += Math.min(pieceCharacters, event.text.length - from)
          if (characters < pieceCharacters) continue
          characters = 0
          yield
        }
      }
      this.#shrink()
      this.#lookAgain()
      yield
    }
  }

  /** Takes a part of a step's log, and shows it until as much of the whole has been read. */
  showPart(step: string, bytes: Uint8Array): void {
    const log = logOfPart(bytes)
    if (log === undefined || this.#ended) return
    this.#part = { step, log }
    this.#lookAgain()
  }

  /** undefined: it was read before, or shows nothing. */
  #eventOf(frame: Frame): LogEvent | undefined {
    if (frame.id !== undefined && frame.event !== 'end') {
      if (this.#last !== undefined && frame.id <= this.#last) return undefined
      if (this.#last !== undefined && frame.id > this.#last + 1) this.#removed = true
      this.#last = frame.id
    }
    return logEventOf(frame)
  }

  get state(): State {
    return this.#view.state({ ended: this.#ended, full: this.#full, removed: this.#removed, part: this.#showsPart })
  }

  ask<K extends Ask['kind']>(ask: Extract<Ask, { kind: K }>): Answers[K]
  ask(ask: Ask): Answers[Ask['kind']] {
    switch (ask.kind) {
      case 'view':
        if (this.#view.step !== ask.step) this.#view = new View(ask.step, this.#shown(ask.step), ask.width)
        else this.#view.resize(ask.width)
        return this.state
      case 'rows': return { ...this.#view.shown(ask.top, ask.count), part: this.#showsPart }
      case 'find': return this.#view.find(ask.query, ask.from)
      case 'hit': return this.#view.hit(ask.by)
      case 'error': return this.#view.error(ask.from, ask.by)
      case 'place': return this.#view.place(ask.line)
      case 'copy': return this.#view.copy(ask.from, ask.to)
      case 'first-error': return this.#view.firstError(this.#logs.get(ask.step))
      case 'config': return this.#configs.get(ask.step)
      case 'fold':
        this.#view.fold(ask.line, ask.closed)
        return undefined
      case 'measured':
        for (const { line, rows } of ask.lines.slice(0, mostMeasured)) this.#view.measured(line, rows)
        return undefined
    }
  }

  #take(event: Exclude<LogEvent, { kind: 'output' }>): void {
    switch (event.kind) {
      case 'error': this.#grow(event.step)?.error(event.text, event.time); break
      case 'config': if (this.#configs.size < maxConfigs) this.#configs.set(event.step, event.config); break
      case 'end': this.#ended = true; break
    }
  }

  get #showsPart(): boolean {
    return this.#view.log === this.#part?.log
  }

  #shown(step: string): StepLog {
    const whole = this.#log(step)
    const part = this.#part?.step === step ? this.#part.log : undefined
    return part === undefined || this.#ended || whole.lines.length >= part.lines.length ? whole : part
  }

  /** Goes over from the part of a log to the whole, or to a part that has come. */
  #lookAgain(): void {
    const { step } = this.#view
    if (this.#part?.step !== step) return
    const log = this.#shown(step)
    if (log !== this.#view.log) this.#view = this.#view.over(log)
    if (log !== this.#part.log) this.#part = undefined
  }

  #grow(step: string): StepLog | undefined {
    if (this.#full) return undefined
    const log = this.#log(step)
    this.#grown.add(log)
    return log
  }

  #log(step: string): StepLog {
    const known = this.#logs.get(step)
    if (known !== undefined) return known
    const log = new StepLog()
    if (this.#logs.size >= maxSteps) this.#full = true
    else this.#logs.set(step, log)
    return log
  }

  /** Lets go of the oldest lines of the longest logs; where that is not enough, takes no more. */
  #shrink(): void {
    for (const log of this.#grown) this.#held.set(log, { lines: log.lines.length - log.lines.first, characters: log.lines.characters })
    this.#grown.clear()
    for (;;) {
      let [lines, characters] = [0, 0]
      let largest: StepLog | undefined
      for (const [log, held] of this.#held) {
        lines += held.lines
        characters += held.characters
        if (log.lines.canDrop && held.characters >= (this.#held.get(largest as StepLog)?.characters ?? 0)) largest = log
      }
      if (lines <= this.#budget.maxLines && characters <= this.#budget.maxCharacters) return
      if (largest === undefined) {
        this.#full = true
        return
      }
      largest.lines.dropOldest()
      this.#held.set(largest, { lines: largest.lines.length - largest.lines.first, characters: largest.lines.characters })
    }
  }
}
