import { layOutShape } from './lay-out-shape.ts'
import type { LayoutAnswer, LayoutRequest } from './protocol.ts'

/** What this file uses of the worker that it runs in: lib.dom has a page's types alone. */
interface Scope {
  onmessage: ((message: MessageEvent<LayoutRequest>) => void) | null
  postMessage(message: LayoutAnswer): void
}
const scope = globalThis as unknown as Scope

// The layout of a thousand jobs takes half a second, in which a page would answer to nothing.
scope.onmessage = ({ data: { seq, shape } }) => {
  scope.postMessage({ seq, picture: layOutShape(shape) })
}
