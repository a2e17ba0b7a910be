import type { Traffic } from '../lib/traffic.ts'
import type { WaitReason } from '../runtime/contract.ts'
import { Waits, type Recording } from './waits.ts'

/** What is known of a container's way from the runtime being asked for it to its supervisor's report. */
export class Preparation {
  readonly waits: Waits
  readonly traffic: Traffic = { requests: 0, layerBytes: 0 }
  readonly askedAt: number
  private readonly options: Recording
  private readyTime: number | undefined

  constructor(options: Recording) {
    this.options = options
    this.askedAt = options.now()
    this.waits = new Waits(options)
  }

  waiting({ kind, message }: WaitReason): void {
    this.waits.begin(kind, message)
  }

  /** It waits no more: the container is ready, or will not be. */
  over(ready: boolean): void {
    this.waits.end()
    if (ready) this.readyTime ??= this.options.now()
  }

  get readyAt(): number | undefined {
    return this.readyTime
  }
}
