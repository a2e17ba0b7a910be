import { Agent, request } from 'undici'
import { z } from 'zod'
import { boundedArray, boundedString } from '../lib/bounded.ts'
import { messageOf } from '../lib/errors.ts'
import type { PolicyQuestion, PolicyVerdict } from '../model/policy.ts'

export interface PolicyServerOptions {
  /** http or https. */
  readonly url: URL
  readonly timeoutMs: number
}

/** Which server asks. */
export interface PolicyCluster {
  readonly name: string
  /** Of Concourse, as the API says it. */
  readonly version: string
}

export interface PolicyServer {
  /** Throws only the reason of `signal`. */
  ask(question: PolicyQuestion, signal?: AbortSignal): Promise<PolicyVerdict>
  close(): Promise<void>
}

const longestAnswer = 1024 * 1024

/**
 * Asks a policy server (Open Policy Agent's data API) as Concourse does, so that its policies serve here too: POST `{input: {service, action,
 * team, pipeline, data, …}}`, answered by `{result: {allowed, block, reasons}}`. Whatever is no such answer is no verdict.
 */
export function policyServer({ url, timeoutMs }: PolicyServerOptions, cluster: PolicyCluster): PolicyServer {
  const agent = new Agent()
  const server = `the policy server ${url.host}`
  const none = (problem: string): PolicyVerdict => ({ kind: 'none', problem: `${server} ${problem}` })

  async function ask(question: PolicyQuestion, signal: AbortSignal): Promise<PolicyVerdict> {
    const { statusCode, body } = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: inputOf(question, cluster) }),
      signal,
    })
    if (statusCode !== 200) {
      await body.dump()
      return none(`answered with status ${statusCode}`)
    }
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > longestAnswer) return none(`answered with more than ${longestAnswer} bytes`)
      chunks.push(chunk)
    }
    return readAnswer(Buffer.concat(chunks).toString('utf8'), none)
  }

  return {
    async ask(question, signal) {
      const late = AbortSignal.timeout(timeoutMs)
      try {
        return await ask(question, signal === undefined ? late : AbortSignal.any([signal, late]))
      } catch (error) {
        signal?.throwIfAborted()
        return none(late.aborted ? `did not answer within ${timeoutMs / 1000} s` : `could not be asked: ${messageOf(error) || 'no connection'}`)
      }
    },
    close: () => agent.destroy(),
  }
}

/** As Concourse names it all; what is undefined is left out. */
function inputOf({ action, method, user, roles, team, pipeline, data }: PolicyQuestion, { name, version }: PolicyCluster): object {
  return {
    service: 'concourse',
    cluster_name: name,
    cluster_version: version,
    http_method: method,
    action,
    user: user === '' ? undefined : user,
    team,
    roles: roles?.length === 0 ? undefined : roles,
    pipeline,
    data,
  }
}

const schema = z.object({
  result: z.object({ allowed: z.boolean(), block: z.boolean().optional(), reasons: boundedArray(boundedString(64 * 1024), 100).nullish() }),
})

function readAnswer(text: string, none: (problem: string) => PolicyVerdict): PolicyVerdict {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return none('answered with something that is no JSON')
  }
  // What OPA says about a path that no policy defines.
  if (typeof json === 'object' && json !== null && !('result' in json)) return none('has no decision at this path: its answer has no `result`')
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    return none(`gave no decision: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`)
  }
  const { allowed, block = !allowed, reasons } = parsed.data.result
  return allowed ? { kind: 'allowed' } : { kind: 'not-allowed', blocks: block, messages: reasons ?? [] }
}
