import { concourseVersion } from '../api/handlers/general.ts'
import type { ImagePolicy } from '../engine/ports.ts'
import type { PolicyChecks } from '../model/policy.ts'
import { policyChecks } from '../policy/checks.ts'
import { imagePolicy } from '../policy/image-policy.ts'
import { policyServer } from '../policy/opa.ts'
import type { AppOptions } from './options.ts'

export interface Policies {
  readonly images?: ImagePolicy
  readonly checks?: PolicyChecks
  close(): Promise<void>
}

/** The policy servers that the settings name: one for images, and one for all actions that its filter has. */
export function openPolicies({ imagePolicy: ofImages, policy }: Pick<AppOptions, 'imagePolicy' | 'policy'>, installation: string): Policies {
  const cluster = { name: installation, version: concourseVersion }
  const [imageServer, server] = [ofImages && policyServer(ofImages, cluster), policy && policyServer(policy, cluster)]
  const checks = policy && server && policyChecks(server, policy.filter)
  const ofUse = imageServer ?? (checks?.asksAboutStep('UseImage') === true ? server : undefined)
  return {
    ...(ofUse && { images: imagePolicy(ofUse) }),
    ...(checks && { checks }),
    async close() {
      await imageServer?.close()
      await server?.close()
    },
  }
}
