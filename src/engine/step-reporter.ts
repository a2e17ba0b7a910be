import { countTraffic, type Traffic } from '../lib/traffic.ts'
import type { ImageSpec } from '../model/image.ts'
import type { ContainerOrigin, ImageReport, OutputReport, StepReport, StepTimes } from '../model/step-report.ts'
import type { AssignmentResult, Container } from '../runtime/contract.ts'
import type { Preparation } from './preparation.ts'
import { joinedWaits, Waits, type Recording } from './waits.ts'

/** Outputs of one step that are recorded one by one. */
export const mostOutputs = 100
/** Characters of a name or reference that are recorded. */
const longestText = 1_000

/** Collects what is recorded of one step, as it happens. What was recorded before a restart stands. */
export class StepReporter {
  private readonly options: Recording
  private times: StepTimes
  private readonly ownWaits: Waits
  /** In the order in which they began: one that came to nothing is followed by another. */
  private readonly preparations: Preparation[] = []
  private readonly traffic: Traffic
  private image: Omit<ImageReport, 'ms' | 'requests' | 'layerBytes'> | undefined
  /** How long the image was looked for, ms; undefined: it was not. */
  private resolvedIn: number | undefined
  private origin: ContainerOrigin | undefined
  private outputs: readonly OutputReport[]
  private moreOutputs: number

  /** `before`: what was recorded before a restart. */
  constructor(options: Recording, before?: StepReport) {
    this.options = options
    this.times = before?.times ?? {}
    this.ownWaits = new Waits(options, before)
    this.traffic = { requests: before?.image?.requests ?? 0, layerBytes: before?.image?.layerBytes ?? 0 }
    this.image = before?.image
    this.resolvedIn = before?.image?.ms
    this.origin = before?.container
    this.outputs = before?.outputs ?? []
    this.moreOutputs = before?.moreOutputs ?? 0
  }

  turn(): void {
    this.times = { turn: this.options.now(), ...this.times }
  }

  /** What `work` sends to registries, and moves of layers, is counted for the step's image. */
  async resolving<T>(work: () => Promise<T>): Promise<T> {
    const began = this.options.now()
    try {
      return await countTraffic(this.traffic, work)
    } finally {
      this.resolvedIn = (this.resolvedIn ?? 0) + this.options.now() - began
      this.ownWaits.end()
    }
  }

  /** The registry failed for now, and will be asked again. */
  waitForRegistry(message: string): void {
    this.ownWaits.begin('registry', message)
  }

  resolved({ source, resolvedBy, whyNotNative, policy }: ImageSpec): void {
    const said = policy && { policy: { reasons: policy.reasons.map((reason) => this.text(this.options.redact(reason))) } }
    if (source.kind === 'artifact') {
      const whyNot = whyNotNative === undefined ? {} : { whyNot: this.text(this.options.redact(whyNotNative)) }
      this.image = { reference: this.text(source.name), digest: source.artifact.digest, by: 'artifact', ...whyNot, ...said }
      return
    }
    const digest = source.reference.split('@')[1]
    this.image = {
      reference: this.text(source.reference), by: resolvedBy ?? 'tag', host: source.host,
      ...(digest !== undefined && { digest }),
      ...said,
    }
  }

  foundDigest(digest: string): void {
    if (this.image !== undefined) this.image = { ...this.image, digest }
  }

  /** The container is being made ready for this step, or was before its turn. */
  preparing(preparation: Preparation, origin: ContainerOrigin): void {
    this.preparations.push(preparation)
    this.origin = origin
  }

  /** Has a container that was there already. */
  takes(origin: ContainerOrigin): void {
    this.origin = origin
  }

  /** What the runtime says of the container; asked again at its end, since some of it comes late. An adopted one does not know. */
  runsOn({ host, architecture, imagePull, warmSandbox }: Pick<Container, 'host' | 'architecture' | 'imagePull' | 'warmSandbox'>): void {
    if (warmSandbox === true && this.origin === 'made') this.origin = 'warm-sandbox'
    const ready = this.preparations.at(-1)?.readyAt
    this.times = { ...this.times, ...(imagePull !== undefined && { pulled: Math.min(imagePull.at, ready ?? imagePull.at) }) }
    if (this.image === undefined) return
    const { at: _, ...pull } = imagePull ?? { at: 0 }
    this.image = { ...this.image, node: this.text(host), ...(architecture !== undefined && { platform: this.text(`linux/${architecture}`) }), ...(imagePull && { pull: pull as NonNullable<ImageReport['pull']> }) }
  }

  /** `at`: absent: now. */
  started(at?: number): void {
    this.times = { ...this.times, start: this.times.start ?? at ?? this.options.now() }
  }

  /** `adopted`: its result may be older than this process. */
  ended(result: Pick<AssignmentResult, 'startedAt' | 'exitedAt' | 'outputs'>, adopted: boolean): void {
    const stored = result.outputs.flatMap((output) => ('artifact' in output ? [{ name: this.text(output.name), bytes: output.artifact.size }] : []))
    this.outputs = stored.slice(0, mostOutputs)
    this.moreOutputs = stored.length - this.outputs.length
    this.times = { ...this.times, ...processTimes(this.times.start, result, adopted ? undefined : this.options.now()) }
  }

  get report(): StepReport {
    const last = this.preparations.at(-1)
    const waits = joinedWaits([this.ownWaits, ...this.preparations.map((preparation) => preparation.waits)].map((one) => one.report))
    return {
      times: { ...this.times, ...(last && { prepare: last.askedAt, ...(last.readyAt !== undefined && { ready: last.readyAt }) }) },
      ...waits,
      // A guess may have waited before the build's secrets were known.
      waits: waits.waits.map((wait) => ({ ...wait, message: this.options.redact(wait.message) })),
      ...(this.image && { image: { ...this.image, ...(this.resolvedIn !== undefined && { ms: this.resolvedIn }), ...this.sumOfTraffic() } }),
      ...(this.origin && { container: this.origin }),
      outputs: this.outputs,
      ...(this.moreOutputs > 0 && { moreOutputs: this.moreOutputs }),
    }
  }

  /** The step is over: the last report. `keptUntil`: its container stays until then. */
  over(keptUntil?: number): StepReport {
    this.ownWaits.end()
    this.times = { ...this.times, end: this.times.end ?? this.options.now() }
    return { ...this.report, ...(keptUntil !== undefined && { keptUntil }) }
  }

  private sumOfTraffic(): Traffic {
    const all = [this.traffic, ...this.preparations.map((preparation) => preparation.traffic)]
    return { requests: sum(all.map((one) => one.requests)), layerBytes: sum(all.map((one) => one.layerBytes)) }
  }

  private text(value: string): string {
    return this.options.redact(value).slice(0, longestText)
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/**
 * When a process began and ended. The node's clock may be wrong, so its times count only where this server has none of its own;
 * the difference of two of them is right in any case. `seenAt`: when the result came, if it came at once.
 */
function processTimes(start: number | undefined, { startedAt, exitedAt }: Pick<AssignmentResult, 'startedAt' | 'exitedAt'>, seenAt: number | undefined): StepTimes {
  const began = start ?? startedAt
  const lasted = startedAt !== undefined && exitedAt !== undefined ? exitedAt - startedAt : undefined
  const end = seenAt ?? (start !== undefined && lasted !== undefined ? start + lasted : exitedAt)
  return { ...(began !== undefined && { start: began }), ...(end !== undefined && { end }) }
}
