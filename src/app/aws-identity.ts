import type { AwsIdentity } from '../credentials/aws/client.ts'
import { ownKeys } from '../images/cloud/aws-identity.ts'
import { CloudHttp } from '../images/cloud/cloud-http.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../model/result.ts'

/** Keys of this machine's own AWS identity, found as for registries. Nothing is opened before they are asked for. */
export function awsIdentity(clock: Clock, env: NodeJS.ProcessEnv = process.env): AwsIdentity {
  return async (region) => {
    const http = new CloudHttp({ clock, env })
    try {
      const keys = await ownKeys({ http, env, region, context: { target: { registry: 'AWS', repository: '' } } })
      return keys.ok ? keys : fail({ message: keys.error.detail, retryable: keys.error.retryable })
    } finally {
      await http.close()
    }
  }
}
