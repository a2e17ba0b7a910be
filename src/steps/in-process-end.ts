import type { LeafEnd } from './leaf.ts'
import { errored, failed } from './outcome.ts'
import type { InProcessError, KeyedEvent, StepPorts } from './ports.ts'

/** How a step ends that did without a container, and could not do its work. `finish`: its last event, where its script would have failed. */
export function inProcessEnd(ports: StepPorts, { kind, message }: InProcessError, finish: KeyedEvent): LeafEnd {
  switch (kind) {
    case 'script':
      ports.note(`${message}\n`)
      return { outcome: failed, events: [finish] }
    case 'not-stored':
      return notStored(message)
  }
}

/** How a get ends whose files could not be stored. */
export const notStored = (reason: string): LeafEnd => ({ outcome: errored(`what the get fetched could not be stored: ${reason}`) })
