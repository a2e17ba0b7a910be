import type { JobInput, PendingBuild } from './ports.ts'

/**
 * Inputs whose check a build waits for. A manual build (B3): one that began after the build was made, of each input that is neither pinned nor
 * passed; one that failed counts. An automatic one (B4): the same of inputs that do not trigger, where their next check was due before.
 */
export function checksAwaited(inputs: readonly JobInput[], { cause, createdAt }: Pick<PendingBuild, 'cause' | 'createdAt'>): readonly JobInput[] {
  if (cause.kind === 'rerun') return []
  return inputs.filter(({ passed, pin, trigger, check }) => {
    if (passed.length > 0 || pin !== undefined) return false
    const { startedAt, endedAt, dueAt } = check
    if (cause.kind === 'automatic' && (trigger || dueAt === undefined || dueAt > createdAt)) return false
    const over = startedAt !== undefined && startedAt >= createdAt && endedAt !== undefined && endedAt >= startedAt
    return !over
  })
}
