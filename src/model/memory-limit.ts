/** What the supervisor of a container may need of its memory. */
export const supervisorMemory = 32 * 1024 * 1024

const ample = 256 * 1024 * 1024

/**
 * The limit of a container whose step has `limit`. Programs read it in their cgroup and fit themselves to it (Java, Node.js), so it is the
 * step's own from 256 MiB on. A smaller one is raised by what the supervisor may need, up to there.
 */
export function containerMemory(limit: number): number {
  return Math.max(limit, Math.min(limit + supervisorMemory, ample))
}
