import type { Plan, PlanId, PlanNode } from '../../model/plan.ts'
import type { Result } from '../../model/result.ts'
import type { PlanPlace, PortsFactory } from '../../steps/factory.ts'
import type { AcrossPlans, ImageFailure, RunState, Step } from '../../steps/ports.ts'
import { acrossChildren } from '../across-children.ts'
import { begunBefore } from '../begun.ts'
import type { BuildContext } from '../build-context.ts'
import { ContainerRunner } from '../container-runner.ts'
import { Downloads } from '../downloads.ts'
import type { ExpectedDurations } from '../expected-durations.ts'
import { StepImages } from '../image/step-images.ts'
import type { PrepareAhead } from '../prepare-ahead.ts'
import { recording } from '../record-preparation.ts'
import { readRecord, timingRecord } from '../step-record.ts'
import { StepReporter } from '../step-reporter.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { cachePorts } from './cache-ports.ts'
import { configPorts } from './config-ports.ts'
import { containerPorts } from './container-ports.ts'
import { imagePorts } from './image-ports.ts'
import type { AllPorts, LeafStep } from './leaf-step.ts'
import { logPorts } from './log-ports.ts'
import { tracedStep } from '../traced-step.ts'
import { recordPorts } from './record-ports.ts'
import { versionPorts } from './version-ports.ts'

/** What every leaf step of a build may ask for, bound to its plan id. Each group of ports stands in a file of its own. */
export class LeafPorts implements PortsFactory {
  private readonly context: BuildContext
  private readonly runner: ContainerRunner
  private readonly images: StepImages
  private readonly downloads: Downloads
  private readonly ahead: PrepareAhead
  private readonly durations: ExpectedDurations
  /** By plan id: a step's, and those of its image's check and get. */
  private readonly reporters = new Map<PlanId, StepReporter>()
  readonly begun
  readonly clock

  constructor(context: BuildContext, ahead: PrepareAhead, durations: ExpectedDurations) {
    this.context = context
    this.ahead = ahead
    this.durations = durations
    this.clock = context.services.clock
    this.begun = begunBefore(context.steps.keys(), context.made.of)
    this.runner = new ContainerRunner(context, ahead)
    this.images = new StepImages(context, this)
    this.downloads = new Downloads(this)
  }

  ports(plan: Plan, { attempts, status }: PlanPlace): AllPorts {
    const { context } = this
    const log = logPorts(context, plan.id)
    const attempt = attempts.length > 0 ? attempts.join('.') : undefined
    const { note } = log
    const onWait = (line: string) => {
      note(line, 'wait')
      this.waitForRegistry(plan.id, line)
    }
    const step: LeafStep = { context, plan, attempt, record: readRecord(context.steps.get(plan.id)), reporter: this.reporter(plan.id), note, onWait }
    return {
      ...log,
      ...(status !== undefined && { build: { ...context.build, status } }),
      onWait,
      ...recordPorts(step, this.ahead, this.durations),
      ...configPorts(step),
      ...imagePorts(step, this.images, this.downloads),
      ...containerPorts(step, this.runner),
      ...cachePorts(step),
      ...versionPorts(step),
    }
  }

  traced(plan: Plan, step: Step): Step {
    return tracedStep(this.context, plan, step)
  }

  across(node: PlanNode<'across'>, state: RunState, signal: AbortSignal): Promise<Result<AcrossPlans, ImageFailure>> {
    return unlessAborted(acrossChildren(this.context, node, state), signal, this.context.made.recorded(node.id) !== undefined)
  }

  startedAt(plan: Plan): number {
    const record = readRecord(this.context.steps.get(plan.id))
    if (record?.phase === 'timing') return record.startedAt
    const now = this.clock.now()
    // Goes along with the first commit of a step in it; a failure shows there.
    this.context.writer.write({ steps: [{ planId: plan.id, record: timingRecord(now) }] }).catch(() => undefined)
    return now
  }

  private reporter(planId: PlanId): StepReporter {
    const record = readRecord(this.context.steps.get(planId))
    const reporter = this.reporters.get(planId) ?? new StepReporter(recording(this.context), record?.phase === 'assigned' ? record.report : undefined)
    this.reporters.set(planId, reporter)
    return reporter
  }

  /** For the step itself too, where it is its image's check that waits. */
  private waitForRegistry(planId: PlanId, line: string): void {
    this.reporter(planId).waitForRegistry(line)
    const slash = planId.lastIndexOf('/')
    if (slash > 0 && this.reporters.has(planId.slice(0, slash))) this.waitForRegistry(planId.slice(0, slash), line)
  }
}
