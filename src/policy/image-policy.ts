import type { ImagePolicy, PolicyAnswer } from '../engine/ports.ts'
import type { PolicyServer } from './opa.ts'

/** Asks about images that steps use. `image` and `job` are ours, the rest is Concourse's. */
export function imagePolicy(server: PolicyServer): ImagePolicy {
  return {
    async check({ action, team, pipeline, job, type, image, source, privileged }, signal): Promise<PolicyAnswer> {
      const data = { image_type: type, image_source: source, privileged, image, job }
      const verdict = await server.ask({ action, team, data, ...(pipeline !== undefined && { pipeline }) }, signal)
      switch (verdict.kind) {
        case 'allowed':
          return { kind: 'allow' }
        case 'not-allowed':
          return { kind: verdict.blocks ? 'deny' : 'warn', reason: verdict.messages.join('; ') || 'it gives no reason' }
        case 'none':
          return { kind: 'deny', reason: verdict.problem }
      }
    },
  }
}
