import { atMost } from './at-most.ts'
import { enough, type Clock } from './clock.ts'
import { openGate, through, type Gate } from './gate.ts'
import type { Log } from './log.ts'
import { Wakeup } from './wakeup.ts'

/** A part of a server that runs until it is stopped. */
export interface Service {
  readonly name: string
  start(): Promise<void> | void
  /** May be called twice, and without a start. */
  stop(): Promise<void>
}

export interface PeriodicOptions {
  /** Stands in the log. */
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  /** From the end of one run to the next. */
  readonly everyMs: number
  /** Asked after a run: the next one comes after so long, where that is sooner. */
  readonly soonerMs?: () => number
  /** Before the first run. Default: none. */
  readonly firstAfterMs?: number
  /** How long stopping waits for a run that is under way. Default: until it has ended. */
  readonly stopMs?: number
  /** A run that falls into a pause is left out. Default: none does. */
  readonly gate?: Gate | undefined
  /** A run that throws is logged, and the next one comes all the same. */
  run(signal: AbortSignal): Promise<void>
}

export interface PeriodicService extends Service {
  /** The next run begins now, or as soon as the one that is under way has ended. */
  wake(): void
}

/** Runs something again and again. */
export function periodic({ name, clock, log, everyMs, soonerMs, firstAfterMs = 0, stopMs, gate = openGate, run }: PeriodicOptions): PeriodicService {
  const stopping = new AbortController()
  const wakeup = new Wakeup()
  const { signal } = stopping
  let running: Promise<void> | undefined

  async function runForever(): Promise<void> {
    if (firstAfterMs > 0) await wakeup.wait(clock, firstAfterMs, signal)
    while (!signal.aborted) {
      await through(gate, () => run(signal)).catch((error: unknown) => {
        if (!signal.aborted) log.warn({ err: error, service: name }, `${name} failed; trying again later`)
      })
      await wakeup.wait(clock, Math.min(everyMs, soonerMs?.() ?? everyMs), signal)
    }
  }

  return {
    name,
    wake: () => wakeup.wake(),
    start() {
      running ??= runForever()
    },
    async stop() {
      stopping.abort(enough)
      if (running !== undefined) await (stopMs === undefined ? running : atMost(clock, stopMs, running))
    },
  }
}

/** Something that is there already and only has to be ended. */
export const ending = (name: string, stop: () => Promise<void>): Service => ({ name, start: () => undefined, stop })

/** Services that start in the given order and stop in the reverse one. When one does not start, those before it are stopped. */
export function together(name: string, services: readonly Service[]): Service {
  const stop = async (started: readonly Service[]): Promise<void> => {
    for (const service of started.toReversed()) await service.stop()
  }
  return {
    name,
    async start() {
      for (const [index, service] of services.entries()) {
        try {
          await service.start()
        } catch (error) {
          await stop(services.slice(0, index))
          throw error
        }
      }
    },
    stop: () => stop(services),
  }
}
