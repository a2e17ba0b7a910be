import { AwsV4Signer } from 'aws4fetch'

export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** A call of an AWS API: one POST. */
export interface AwsRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly region: string
  readonly service: string
}

/** China's regions have a domain of their own. */
export const awsDomain = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com')

/** Where a service answers in a region. As AWS's own clients have it, the environment may name another endpoint: AWS_ENDPOINT_URL_NAME, for all services AWS_ENDPOINT_URL. */
export function awsEndpoint(host: string, name: string, region: string, env: NodeJS.ProcessEnv): URL {
  const named = env[`AWS_ENDPOINT_URL_${name}`] ?? env['AWS_ENDPOINT_URL'] ?? ''
  return new URL(named !== '' && URL.canParse(named) ? named : `https://${host}.${awsDomain(region)}/`)
}

/** The headers of a call with its signature, version 4. */
export async function signedHeaders({ url, headers, body, region, service }: AwsRequest, { accessKeyId, secretAccessKey, sessionToken }: AwsKeys): Promise<Record<string, string>> {
  const signer = new AwsV4Signer({
    method: 'POST', url: url.href, headers, body, region, service, accessKeyId, secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
  })
  return Object.fromEntries((await signer.sign()).headers.entries())
}
