import type { Json } from './json.ts'
import type { MetadataField, Version } from './version.ts'

export const buildStatuses = ['pending', 'started', 'succeeded', 'failed', 'errored', 'aborted'] as const
export type BuildStatus = (typeof buildStatuses)[number]
export type FinalStatus = Exclude<BuildStatus, 'pending' | 'started'>

/** Whose event it is: a plan id, and for logs the stream. */
export interface Origin {
  readonly id: string
  readonly source?: 'stdout' | 'stderr'
}

/** The part of a task's config that its events show (Concourse: event.TaskConfig). */
export interface TaskEventConfig {
  readonly platform: string
  readonly image: string
  readonly run: { readonly path: string; readonly args: readonly string[]; readonly dir: string }
  readonly inputs: readonly { readonly name: string; readonly path: string }[]
}

/**
 * Build events, as fly reads them (Concourse: atc/event). `time` is in unix seconds.
 * The wire's `version` of each type stands in eventVersions.
 */
export type BuildEvent =
  | { readonly type: 'status'; readonly data: { status: Exclude<BuildStatus, 'pending'>; time: number } }
  | { readonly type: 'log'; readonly data: { time: number; origin: Origin; payload: string } }
  | { readonly type: 'error'; readonly data: { message: string; origin: Origin; time: number } }
  | { readonly type: 'initialize-check'; readonly data: { origin: Origin; time: number; name: string } }
  | { readonly type: 'initialize-task'; readonly data: { time: number; origin: Origin; config: TaskEventConfig } }
  | { readonly type: 'start-task'; readonly data: { time: number; origin: Origin; config: TaskEventConfig } }
  | { readonly type: 'finish-task'; readonly data: { time: number; exit_status: number; origin: Origin } }
  | { readonly type: 'initialize-get' | 'start-get' | 'initialize-put' | 'start-put'; readonly data: { origin: Origin; time: number } }
  | {
      readonly type: 'finish-get' | 'finish-put'
      readonly data: {
        origin: Origin
        time: number
        exit_status: number
        version: Version | null
        metadata: readonly MetadataField[] | null
      }
    }
  | { readonly type: 'image-check' | 'image-get'; readonly data: { time: number; origin: Origin; plan: Json } }
  | { readonly type: 'initialize' | 'start'; readonly data: { origin: Origin; time: number } }
  | { readonly type: 'set-pipeline-changed'; readonly data: { origin: Origin; changed: boolean } }
  | { readonly type: 'finish'; readonly data: { origin: Origin; time: number; succeeded: boolean } }
  /** The steps of an across: each one's public plan, and the values of the vars that it has. */
  | { readonly type: 'across-substeps'; readonly data: { time: number; origin: Origin; substeps: readonly { readonly step: Json; readonly values: readonly Json[] }[] } }
  | { readonly type: 'waiting-for-worker'; readonly data: { time: number; origin: Origin } }
  | { readonly type: 'selected-worker'; readonly data: { time: number; origin: Origin; selected_worker: string } }

export type BuildEventType = BuildEvent['type']

export const eventVersions: { readonly [T in BuildEventType]: string } = {
  status: '1.0',
  log: '5.1',
  error: '4.1',
  'initialize-check': '1.0',
  'initialize-task': '4.0',
  'start-task': '5.0',
  'finish-task': '4.0',
  'initialize-get': '2.0',
  'start-get': '1.0',
  'finish-get': '5.1',
  'initialize-put': '2.0',
  'start-put': '1.0',
  'finish-put': '5.1',
  'image-check': '1.1',
  'image-get': '1.1',
  initialize: '1.0',
  start: '1.0',
  'set-pipeline-changed': '1.0',
  finish: '1.0',
  'across-substeps': '1.0',
  'waiting-for-worker': '1.0',
  'selected-worker': '1.0',
}
