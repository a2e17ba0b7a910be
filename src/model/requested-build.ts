import type { ArtifactRef } from './artifact.ts'
import type { BuildScope } from './build.ts'
import type { PipelineConfig, VarSourceConfig } from './config.ts'
import type { JsonObject } from './json.ts'
import type { Plan } from './plan.ts'
import type { Version } from './version.ts'

/** A plan that a client sent, and what it is about to use. */
export interface OneOffBuild {
  readonly scope: BuildScope
  readonly plan: Plan
  /** Uploaded inputs, by the names that the plan gives them. */
  readonly artifacts: { readonly [name: string]: ArtifactRef }
  readonly varSources: readonly VarSourceConfig[]
  readonly createdBy: string
}

/** What a person asks for with a build of a job. */
export interface JobBuildRequest {
  /** Ids of versions, by the inputs' names; other inputs are chosen as always. */
  readonly versions?: { readonly [input: string]: number }
  /** In the place of what tasks of the job have under these names in their params. */
  readonly params?: JsonObject
}

/** What a build was asked for with, as it is shown: of a rerun, what its original was. */
export interface GivenByHand {
  readonly versions: readonly { readonly name: string; readonly version: Version }[]
  readonly params: JsonObject
}

/** A check that somebody asks for. */
export interface CheckToCreate {
  readonly scope: BuildScope
  readonly config: PipelineConfig
  readonly what: { readonly kind: 'resource' | 'resource-type' | 'prototype'; readonly name: string }
  /** The version to check from; absent: the latest. */
  readonly from?: Version
  /** The images of its types are not checked again within their intervals. */
  readonly shallow: boolean
  readonly createdBy: string
}
