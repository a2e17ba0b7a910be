import type { Drawn, DrawnEdge } from './drawn-resources.ts'
import type { GraphJob } from './model.ts'
import type { Picture } from './picture.ts'

/** What is laid out: the jobs of a pipeline, by themselves or with their resources, or any nodes and edges. */
export type Shape =
  | { readonly view: 'jobs' | 'resources'; readonly jobs: readonly GraphJob[] }
  | { readonly view: 'nodes'; readonly nodes: readonly Drawn[]; readonly edges: readonly DrawnEdge[] }

/** To the worker that lays graphs out. */
export interface LayoutRequest {
  readonly seq: number
  readonly shape: Shape
}

export interface LayoutAnswer {
  readonly seq: number
  readonly picture: Picture
}
