import { jobsView } from './jobs-view.ts'
import type { LayoutAnswer, LayoutRequest } from './protocol.ts'
import { resourcesView } from './resources-view.ts'

/** What this file uses of the worker that it runs in: lib.dom has a page's types alone. */
interface Scope {
  onmessage: ((message: MessageEvent<LayoutRequest>) => void) | null
  postMessage(message: LayoutAnswer): void
}
const scope = globalThis as unknown as Scope

// The layout of a thousand jobs takes half a second, in which a page would answer to nothing.
scope.onmessage = ({ data: { seq, view, jobs } }) => {
  scope.postMessage({ seq, picture: view === 'resources' ? resourcesView(jobs) : jobsView(jobs) })
}
