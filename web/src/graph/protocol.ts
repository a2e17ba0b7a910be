import type { GraphJob } from './model.ts'
import type { Picture } from './picture.ts'

/** To the worker that lays graphs out. */
export interface LayoutRequest {
  readonly seq: number
  readonly view: 'jobs' | 'resources'
  readonly jobs: readonly GraphJob[]
}

export interface LayoutAnswer {
  readonly seq: number
  readonly picture: Picture
}
