import { parseDuration } from '../../lib/duration.ts'
import type { ImagePull } from '../contract.ts'
import type { Event } from './client/objects.ts'
import { stepContainer } from './layout.ts'

/**
 * How the image of a pod's step came to the node, as the kubelet says it; undefined: another container's, or words that are not known.
 * `at`: when the event came here: its own time has whole seconds.
 */
export function readPulled({ message = '', involvedObject }: Event, at: number): ImagePull | undefined {
  if (involvedObject?.fieldPath !== `spec.containers{${stepContainer}}`) return undefined
  if (/^Container image "[^"]*" already present on machine/.test(message)) return { kind: 'cached', at }
  const ms = parseDuration(/^Successfully pulled image "[^"]*" in (\S+)/.exec(message)?.[1] ?? '')
  return ms === undefined || ms < 0 ? undefined : { kind: 'pulled', ms: Math.round(ms), at }
}
