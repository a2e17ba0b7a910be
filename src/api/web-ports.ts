import type { ArtifactRef } from '../model/artifact.ts'
import type { FinalStatus } from '../model/event.ts'
import type { FormerImage } from '../model/former-build.ts'
import type { JsonObject } from '../model/json.ts'
import type { NotTriggered } from '../model/listed-build.ts'
import type { PipelineRef } from '../model/pipeline.ts'
import type { Version } from '../model/version.ts'
import type { Plan, PlanId } from '../model/plan.ts'
import type { Result } from '../model/result.ts'
import type { StepReport } from '../model/step-report.ts'
import type { TestReports } from '../model/test-report.ts'
import type { MadeChildren } from '../planner/children.ts'

/** A pipeline with the state of its jobs. Times are unix ms. */
export interface DashboardPipeline {
  readonly id: number
  readonly team: string
  readonly name: string
  readonly instanceVars?: JsonObject
  /** Among those of its team that are asked for, from 0. */
  readonly place: number
  /** Empty: nobody knows who paused it. */
  readonly paused?: { readonly by?: string; readonly at?: number; readonly why?: string }
  readonly public: boolean
  readonly archived: boolean
  readonly groups: readonly string[]
  readonly display?: JsonObject
  /** A character a job, as cardSchema says. */
  readonly jobs: string
  /** Their names, a line each. */
  readonly jobNames: string
  /** The worst of the last finished builds of jobs that are not paused, of equal ones the one that ended last. */
  readonly finished?: { readonly status: FinalStatus; readonly job: string; readonly at: number }
  /** The build that has run the longest. */
  readonly running?: { readonly job: string; readonly at: number }
  /** The first resource that cannot be checked, and how many there are. */
  readonly failing?: { readonly resource: string; readonly error: string | null; readonly count: number }
  /** A resource is pinned. */
  readonly pinned: boolean
}

export interface Dashboard {
  /** Of these teams, and public ones; undefined: all. In the order in which they are shown. */
  pipelines(teams: readonly string[] | undefined): Promise<readonly DashboardPipeline[]>
  /** How many builds run and wait in these teams and in public pipelines, without those that check resources: as /api/v1/builds lists them. */
  unfinished(teams: readonly string[] | undefined): Promise<{ readonly running: number; readonly waiting: number }>
}

/** What has changed that people look at. `checks`: some check ended, or found versions. `people`: teams, or a login is over. `unknown`: anything may have. */
export type UiChange = { readonly kind: 'pipeline'; readonly id: number } | { readonly kind: 'build'; readonly id: number } | { readonly kind: 'builds' | 'checks' | 'people' | 'wall' | 'unknown' }

export interface UiChanges {
  /** Calls back after each commit; what it gives ends that. */
  listen(callback: (change: UiChange) => void): Promise<() => Promise<void>>
}

/** Where jobs and resources are, which topics name by their ids. */
export interface Places {
  /** Ids of the pipeline; undefined: there is none, or its config has it no more. */
  pipelineOfJob(jobId: number): Promise<number | undefined>
  pipelineOfResource(resourceId: number): Promise<number | undefined>
}

export interface RecordedStep {
  /** Absent: its work was sent, and it has not ended. */
  readonly outcome?: FinalStatus
  readonly report: StepReport
}

/** A build's plan with what is recorded of its steps. */
export interface RecordedBuild {
  readonly plan: Plan
  readonly made: MadeChildren
  readonly steps: ReadonlyMap<PlanId, RecordedStep>
}

/** An event of a step, but for lines of its log. */
export interface StepEvent {
  readonly type: string
  readonly data: JsonObject
}

export interface StepContainer {
  readonly planId: PlanId
  readonly handle: string
  readonly state: 'running' | 'kept'
}

export interface StepEvents {
  ofBuild(buildId: number): Promise<readonly StepEvent[]>
  /** Those that can be entered. */
  containersOf(buildId: number): Promise<readonly StepContainer[]>
}

/** Text of a step's log as it is stored: what its process wrote, or an error. Times are unix ms. */
export interface LogText {
  /** Of its event. */
  readonly id: number
  readonly plan: PlanId
  readonly source: 'stdout' | 'stderr' | 'error'
  readonly time: number
  readonly text: string
}

/** The line to begin with, counted from 1, or how many of the last ones are wanted. */
export type LogPlace = { readonly from: number } | { readonly tail: number }

export interface LogStart {
  /** Of all that there is; the last one counts also while it has no end. */
  readonly lines: number
  /** Id of the event to read behind. */
  readonly after: number
  /** Lines that have ended there. */
  readonly ended: number
  /** The line before has no end, and an error follows, which has a line of its own. */
  readonly unended: boolean
}

/** The logs of steps: of one, or of all in the order in which they wrote. */
export interface LogTexts {
  start(buildId: number, step: PlanId | undefined, place: LogPlace): Promise<LogStart>
  /** Some MB of them, in order, and none behind those in which so many lines end. */
  read(buildId: number, step: PlanId | undefined, after: number, lines: number): Promise<readonly LogText[]>
}

/** What a step stored: an output, or what a get fetched. */
export interface StoredOutput {
  readonly planId: PlanId
  readonly name: string
  readonly artifact: ArtifactRef
}

/** A file, folder or link in an output. Times are unix ms. */
export interface OutputFile {
  readonly name: string
  readonly type: 'file' | 'dir' | 'link'
  readonly size: number
  readonly mode: number
  readonly mtime: number
  readonly target?: string
}

/** `gone`: it is no longer kept. `missing`: it has no such file. `refused`: there is one, and it is not to be had. */
export interface OutputError {
  readonly kind: 'gone' | 'missing' | 'refused'
  /** A sentence. */
  readonly message: string
}

/** What builds leave for some days. */
export interface Outputs {
  ofBuild(buildId: number): Promise<readonly StoredOutput[]>
  has(artifact: ArtifactRef): Promise<boolean>
  /** What is in a folder (the root is ''), by name: at most `limit` of what comes after a name. */
  list(artifact: ArtifactRef, folder: string, page: { readonly after?: string; readonly limit: number }): Promise<Result<readonly OutputFile[], OutputError>>
  file(artifact: ArtifactRef, path: string): Promise<Result<{ readonly size: number; read(from: number, length: number): AsyncIterable<Uint8Array> }, OutputError>>
}

export interface SearchedNames {
  readonly text: string
  readonly kinds: readonly FoundName['kind'][]
  readonly limit: number
}

/** Something with a name that holds the letters of a text in their order; the best come first. */
export interface FoundName {
  readonly kind: 'pipeline' | 'job' | 'resource'
  readonly id: number
  readonly name: string
  /** It, or the one that has it. */
  readonly pipeline: PipelineRef
  /** Of a job: how its last build ended. */
  readonly status?: FinalStatus
  /** The text stands in the name as it is. */
  readonly close: boolean
}

export interface FoundVersion {
  readonly resource: string
  readonly version: Version
  readonly pipeline: PipelineRef
}

/** What the pipelines of these teams have, and public ones; undefined: all. */
export interface Search {
  names(teams: readonly string[] | undefined, searched: SearchedNames): Promise<readonly FoundName[]>
  /** One of whose values begins so, upper and lower case alike; values of fewer than 6 characters are not found. The newest first. */
  versions(teams: readonly string[] | undefined, beginning: string, limit: number): Promise<readonly FoundVersion[]>
  /** Ids of builds that took or made such a version, the newest first. */
  buildsWith(teams: readonly string[] | undefined, beginning: string, limit: number): Promise<readonly number[]>
}

export interface WebPorts {
  readonly search: Search
  readonly outputs: Outputs
  /** Of a build's tasks; an error is a sentence: too many are being read. */
  readonly buildTests: (buildId: number) => Promise<Result<TestReports, string>>
  readonly logTexts: LogTexts
  readonly stepEvents: StepEvents
  /** Undefined: the build has no plan yet, or its log is gone and the plan with it. */
  readonly recordedSteps: (buildId: number) => Promise<RecordedBuild | undefined>
  /** What steps of a build of a job had in the last build before in which they had a digest, those of `wanted` that had one. */
  readonly formerImages: (buildId: number, of: Pick<RecordedBuild, 'plan' | 'made'> & { readonly wanted: ReadonlySet<PlanId> }) => Promise<ReadonlyMap<PlanId, FormerImage>>
  /** Why the scheduler's last pass made no build of the job; undefined: it made one, or has not looked. */
  readonly notTriggered: (jobId: number) => Promise<NotTriggered | undefined>

  readonly dashboard: Dashboard
  readonly uiChanges: UiChanges
  readonly places: Places
}
