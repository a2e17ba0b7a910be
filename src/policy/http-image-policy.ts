import { Agent, request } from 'undici'
import { z } from 'zod'
import { boundedArray, boundedString } from '../lib/bounded.ts'
import { messageOf } from '../lib/errors.ts'
import type { ImagePolicy, ImageUse, PolicyAnswer } from '../engine/ports.ts'

export interface ImagePolicyOptions {
  /** http or https. */
  readonly url: URL
  readonly timeoutMs: number
}

const longestAnswer = 1024 * 1024

/**
 * Asks a policy server (Open Policy Agent's data API) as Concourse does, so that its policies serve here too: POST `{input: {service, action,
 * team, pipeline, data}}`, answered by `{result: {allowed, block, reasons}}`. Whatever is no such answer denies, with a reason that says
 * what to look at.
 */
export function httpImagePolicy({ url, timeoutMs }: ImagePolicyOptions, installation: string): ImagePolicy & { close(): Promise<void> } {
  const agent = new Agent()
  const server = `the policy server ${url.host}`
  const deny = (reason: string): PolicyAnswer => ({ kind: 'deny', reason })

  async function ask(use: ImageUse, signal: AbortSignal): Promise<PolicyAnswer> {
    const { statusCode, body } = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: inputOf(use, installation) }),
      signal,
    })
    if (statusCode !== 200) {
      await body.dump()
      return deny(`${server} answered with status ${statusCode}`)
    }
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > longestAnswer) return deny(`${server} answered with more than ${longestAnswer} bytes`)
      chunks.push(chunk)
    }
    return readAnswer(Buffer.concat(chunks).toString('utf8'), (problem) => deny(`${server} ${problem}`))
  }

  return {
    async check(use, signal) {
      const late = AbortSignal.timeout(timeoutMs)
      try {
        return await ask(use, AbortSignal.any([signal, late]))
      } catch (error) {
        signal.throwIfAborted()
        return deny(late.aborted ? `${server} did not answer within ${timeoutMs / 1000} s` : `${server} could not be asked: ${messageOf(error) || 'no connection'}`)
      }
    },
    close: () => agent.destroy(),
  }
}

/** As Concourse names it all; `image`, `job` and `cluster_name` are ours. */
function inputOf({ action, team, pipeline, job, type, image, source, privileged }: ImageUse, installation: string): object {
  return {
    service: 'concourse',
    cluster_name: installation,
    action,
    team,
    pipeline,
    data: { image_type: type, image_source: source, privileged, image, job },
  }
}

const schema = z.object({
  result: z.object({ allowed: z.boolean(), block: z.boolean().optional(), reasons: boundedArray(boundedString(64 * 1024), 100).nullish() }),
})

function readAnswer(text: string, problem: (words: string) => PolicyAnswer): PolicyAnswer {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return problem('answered with something that is no JSON')
  }
  // What OPA says about a path that no policy defines.
  if (typeof json === 'object' && json !== null && !('result' in json)) return problem('has no decision at this path: its answer has no `result`')
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    return problem(`gave no decision: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`)
  }
  const { allowed, block = !allowed, reasons } = parsed.data.result
  if (allowed) return { kind: 'allow' }
  const reason = reasons?.join('; ') || 'it gives no reason'
  return { kind: block ? 'deny' : 'warn', reason }
}
