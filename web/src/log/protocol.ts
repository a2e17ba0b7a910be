import type { TaskConfig } from './events.ts'
import type { Query } from './find.ts'
import type { Segment } from './segments.ts'

/** What the page asks the worker. Lines are numbered from 1, as URLs have them; rows from 0. */
export type Ask =
  /** Which step is shown, and in how many columns; 0: lines are not wrapped. */
  | { readonly kind: 'view'; readonly step: string; readonly width: number }
  | { readonly kind: 'rows'; readonly top: number; readonly count: number }
  | { readonly kind: 'find'; readonly query: Query; readonly from: number }
  /** The next hit or the one before. */
  | { readonly kind: 'hit'; readonly by: 1 | -1 }
  | { readonly kind: 'error'; readonly from: number; readonly by: 1 | -1 }
  | { readonly kind: 'fold'; readonly line: number; readonly closed: boolean }
  /** Opens the folds that hide a line, and tells its row. */
  | { readonly kind: 'place'; readonly line: number }
  /** What lines came to in the page, whose fonts may differ from columns. */
  | { readonly kind: 'measured'; readonly lines: readonly { readonly line: number; readonly rows: number }[] }
  | { readonly kind: 'copy'; readonly from: number; readonly to: number }
  /** The first line that looks like an error, in any step's log. */
  | { readonly kind: 'first-error'; readonly step: string }
  | { readonly kind: 'config'; readonly step: string }

export interface Answers {
  readonly view: State
  /** `part`: as the state has it. Rows of a part of a log are others than those of the whole. */
  readonly rows: { readonly total: number; readonly lines: readonly ShownLine[]; readonly part: boolean }
  readonly find: Found
  readonly hit: Found
  readonly error: Place | undefined
  readonly fold: undefined
  readonly place: Place | undefined
  readonly measured: undefined
  readonly copy: string
  readonly 'first-error': { readonly line: number; readonly text: string } | undefined
  readonly config: TaskConfig | undefined
}

/** Lines that somebody has chosen, both ends included. */
export interface Selection {
  readonly first: number
  readonly last: number
}

export interface Place {
  readonly line: number
  readonly row: number
}

export type Found = { readonly kind: 'wrong'; readonly message: string } | { readonly kind: 'found'; readonly count: number; readonly more: boolean; readonly index: number; readonly at?: Place }

/** Of the step that is shown. */
export interface State {
  readonly step: string
  /** How many lines there are; those before `first` are no longer held. */
  readonly lines: number
  readonly first: number
  readonly characters: number
  /** Rows at the width that is shown. */
  readonly rows: number
  /** The log is complete: nothing more comes. */
  readonly ended: boolean
  /** What is held is the part that was asked for first, until as much of the whole has been read. */
  readonly part: boolean
  /** The log is larger than is held here: its newest lines are missing. */
  readonly full: boolean
  /** Lines are missing at its end: the server keeps them no more. */
  readonly removed: boolean
}

export interface ShownLine {
  readonly line: number
  /** Row of what is sent of it: of a very long line those rows alone that are seen. */
  readonly row: number
  readonly rows: number
  readonly segments: readonly Segment[]
  readonly time: number
  /** Its font may be wider or narrower than columns tell. */
  readonly measure: boolean
  readonly error: boolean
  readonly cut: boolean
  readonly fold?: { readonly closed: boolean; readonly lines: number; readonly title: string }
}

/** `cut`: the connection broke, perhaps within an event; what follows begins with a whole one. `part`: lines of a step, as its log gives them as ndjson. */
export type ToWorker = { readonly seq: number; readonly ask: Ask } | { readonly bytes: Uint8Array } | { readonly cut: true } | { readonly part: Uint8Array; readonly step: string }

/** `state`: unasked, when the log that is shown has grown, or takes more or fewer rows. `last`: the newest event that it has. */
export type FromWorker =
  | { readonly kind: 'answer'; readonly seq: number; readonly answer: unknown }
  | { readonly kind: 'state'; readonly state: State; readonly last: number | undefined }
  | { readonly kind: 'broken'; readonly message: string }
