import type { BuildRegistry, BuildStore } from '../engine/ports.ts'
import type { Clock } from '../lib/clock.ts'
import type { BuildScope, ScopeNames } from '../model/build.ts'
import type { Plan } from '../model/plan.ts'

/** What creating and checking builds needs. app/ wires it. */
export interface BuildPorts {
  readonly builds: BuildRegistry & Pick<BuildStore, 'steps'>
  /** Gives the ids of a team, a pipeline and a job; rows that are missing are made. */
  readonly scopes: { ensure(names: ScopeNames, now: number): Promise<BuildScope> }
  /** Runs a started build in this process; undefined when another process runs it. */
  readonly engine: { claim(buildId: number): Promise<{ readonly end: Promise<unknown> } | undefined> }
  /** Ends after the build's last event, whoever runs it. */
  readonly events: { stream(buildId: number, options: { readonly signal: AbortSignal }): AsyncIterable<unknown> }
  /** Why a plan must not be begun here; undefined: nothing is known against it. `onWait` is told what is waited for. */
  readonly refusal: (plan: Plan, signal: AbortSignal, onWait: (line: string) => void) => Promise<string | undefined>
  /** Stored in each build: how to reach the runtime that holds its containers. */
  readonly runtime: object
  readonly clock: Clock
}

/** A build that has been created, and what it is going to do. */
export interface CreatedBuild {
  readonly buildId: number
  readonly plan: Plan
}
