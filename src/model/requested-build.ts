import type { ArtifactRef } from './artifact.ts'
import type { BuildScope } from './build.ts'
import type { PipelineConfig, VarSourceConfig } from './config.ts'
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
