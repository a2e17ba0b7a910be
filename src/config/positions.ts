import { inside, rootPlace } from './decode/context.ts'
import { parsePath } from './path.ts'
import type { Position, SourceText } from './source-text.ts'
import { scalarNode, type YamlNode } from './yaml/node.ts'

/** A path as text (`jobs[0].plan[2].task`) or as its keys. */
export type PathLike = string | readonly (string | number)[]

/** Where in its file each part of a config stands. A path that leads nowhere gives its last part that is there. */
export interface Positions {
  readonly file: string
  /** The value at a path. */
  at(path: PathLike): Position
  /** The key of the value at a path; for an item of a list the item. */
  keyAt(path: PathLike): Position
}

export function positionsOf(root: YamlNode | undefined, text: SourceText): Positions {
  const top = rootPlace(root ?? scalarNode(null, 0, 0))
  const place = (path: PathLike): ReturnType<typeof inside> => inside(top, typeof path === 'string' ? (parsePath(path) ?? []) : path)
  return {
    file: text.file,
    at: (path) => text.position(place(path).node.start),
    keyAt: (path) => text.position(place(path).keyStart),
  }
}
