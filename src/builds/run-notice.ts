import type { ResourceConfig } from '../model/config.ts'
import type { Version } from '../model/version.ts'
import type { PinnedBy } from './choose-inputs.ts'

/** What is decided while a run is created, for whoever shows it. */
export type RunNotice =
  | { readonly kind: 'put-left-out'; readonly put: string }
  | { readonly kind: 'local-input'; readonly input: string }
  | { readonly kind: 'pinned-input'; readonly input: string; readonly by: PinnedBy }
  /** Jobs that the input should have passed. There is no history, so the newest version is taken. */
  | { readonly kind: 'passed-ignored'; readonly input: string; readonly passed: readonly string[] }
  | { readonly kind: 'input-version'; readonly input: string; readonly version: Version }
  /** The job will push there. */
  | { readonly kind: 'put'; readonly put: string; readonly resource?: ResourceConfig }
  /** A line that says what is waited for before the run can be created. */
  | { readonly kind: 'waiting'; readonly line: string }
