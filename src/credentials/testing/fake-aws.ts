import { AwsV4Signer } from 'aws4fetch'
import { fakeServer, type FakeAnswer, type FakeRequest, type FakeServer } from './http-server.ts'

export const fakeKeys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'hunter2-secret-key' } as const
export const fakeRegion = 'eu-west-1'

export interface FakeAws extends FakeServer {
  /** By name: a text, or what GetSecretValue answers. */
  readonly secrets: Map<string, string | Record<string, unknown>>
  readonly parameters: Map<string, string>
  failure: FakeAnswer | undefined
}

/** Secrets Manager and SSM as their API references describe them, on one address. */
export async function fakeAws(): Promise<FakeAws> {
  const secrets: FakeAws['secrets'] = new Map()
  const parameters = new Map<string, string>()
  const state: Pick<FakeAws, 'failure'> = { failure: undefined }
  const answer = (request: FakeRequest): FakeAnswer => {
    if (state.failure !== undefined) return state.failure
    const input = JSON.parse(request.body) as Record<string, unknown>
    switch (request.headers['x-amz-target']) {
      case 'secretsmanager.GetSecretValue': {
        const found = secrets.get(String(input['SecretId']))
        return found === undefined ? error('ResourceNotFoundException') : { body: typeof found === 'string' ? { SecretString: found } : found }
      }
      case 'AmazonSSM.GetParameter': {
        const value = input['WithDecryption'] === true ? parameters.get(String(input['Name'])) : 'encrypted'
        return value === undefined ? error('ParameterNotFound') : { body: { Parameter: { Name: input['Name'], Value: value } } }
      }
      case 'AmazonSSM.GetParametersByPath': {
        const below = [...parameters].filter(([name]) => name.startsWith(`${String(input['Path'])}/`))
        const from = Number(input['NextToken'] ?? 0)
        const page = below.slice(from, from + 10).map(([Name, Value]) => ({ Name, Value }))
        return { body: { Parameters: page, ...(from + 10 < below.length && { NextToken: `${from + 10}` }) } }
      }
      default:
        return error('UnknownOperationException')
    }
  }
  const server = await fakeServer(answer)
  return Object.assign(state, { secrets, parameters, url: server.url, requests: server.requests, close: () => server.close() })
}

const error = (type: string): FakeAnswer => ({ status: 400, body: { __type: `com.amazonaws.x#${type}`, message: `no: ${type}` } })

/** Whether the last request carries the signature that its keys give, computed anew. */
export async function isSigned({ url, requests }: FakeServer, service: string): Promise<boolean> {
  const last = requests.at(-1)
  if (last === undefined) return false
  const { headers, body, path } = last
  const datetime = headers['x-amz-date']?.toString() ?? ''
  const signer = new AwsV4Signer({
    method: 'POST', url: url + path, body, region: fakeRegion, service, datetime, ...fakeKeys,
    headers: { 'content-type': headers['content-type'] ?? '', 'x-amz-target': headers['x-amz-target']?.toString() ?? '' },
  })
  return (await signer.sign()).headers.get('authorization') === headers['authorization']
}
