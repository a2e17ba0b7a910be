import { awsEndpoint, signedHeaders, type AwsKeys } from '../../lib/aws.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { registryError, type ErrorContext } from '../registry/classify.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import { jsonOf, textOf, type CloudAnswer, type CloudHttp } from './cloud-http.ts'

export type AwsService = 'ecr' | 'sts'

export interface AwsCall {
  readonly context: ErrorContext
  readonly region: string
  readonly service: AwsService
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Absent: the call is not signed. */
  readonly keys?: AwsKeys
  readonly signal?: AbortSignal | undefined
}

/** One call of an AWS API, signed (version 4); an error of the API becomes ours, with its own words. */
export async function callAws(http: CloudHttp, env: NodeJS.ProcessEnv, call: AwsCall): Promise<Result<string, RegistryError>> {
  const { region, service, keys } = call
  const secrets = [...(call.context.secrets ?? []), ...(keys === undefined ? [] : [keys.secretAccessKey, keys.sessionToken ?? ''])]
  const context = { ...call.context, secrets }
  const url = awsEndpoint(service === 'ecr' ? `api.ecr.${region}` : `sts.${region}`, service.toUpperCase(), region, env)
  const sent = await http.send({
    context,
    service: service.toUpperCase(),
    url,
    method: 'POST',
    headers: keys === undefined ? call.headers : await signedHeaders({ url, ...call }, keys),
    body: call.body,
    signal: call.signal,
  })
  if (!sent.ok) return sent
  if (sent.value.status === 200) return ok(sent.value.text)
  const permanent = errorWords(sent.value)
  return fail(registryError(context, 'unauthorized', `${service.toUpperCase()} in ${region}: ${permanent}`, { status: sent.value.status }))
}

/** JSON (`{"__type","message"}`) or XML (`<Code>`, `<Message>`), as the two APIs have it. */
function errorWords({ text, status }: CloudAnswer): string {
  const json = jsonOf(text)
  const code = textOf(json?.['__type']).split('#').at(-1) || xmlText(text, 'Code')
  const message = textOf(json?.['message']) || textOf(json?.['Message']) || xmlText(text, 'Message')
  return [code, message].filter((part) => part !== '').join(': ') || `unexpected answer ${status}`
}

/** The first element of a name in an answer that is known to be flat. */
export const xmlText = (xml: string, name: string): string =>
  (new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
    .trim()
