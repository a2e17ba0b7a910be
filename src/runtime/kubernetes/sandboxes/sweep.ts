import { labelKeys } from '../names.ts'
import type { Parts } from '../parts.ts'

/** Longer than any sandbox waits. */
const leftoverAfterMs = 1_800_000

/** Removes sandboxes of servers that were killed: those that have ended by themselves, and those that never started. Never fails: it is repeated. */
export async function sweepSandboxes({ api, pods, settings }: Pick<Parts, 'api' | 'pods' | 'settings'>): Promise<void> {
  for (const { metadata, status } of pods.all()) {
    if (metadata?.labels?.[labelKeys.sandbox] !== 'warm' || metadata.name === undefined) continue
    const over = status?.phase === 'Succeeded' || status?.phase === 'Failed'
    const old = Date.parse(metadata.creationTimestamp ?? '') < settings.clock.now() - leftoverAfterMs
    if (over || old) await api.deletePod(metadata.name, { ...(metadata.uid !== undefined && { uid: metadata.uid }) })
  }
}
