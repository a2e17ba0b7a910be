import { Agent, fetch as undiciFetch } from 'undici'

/** Ten thousand groups fit. */
const longestAnswer = 4 * 1024 * 1024
const timeoutMs = 15_000

export type BoundedFetch = (url: string, options?: RequestInit) => Promise<Response>

/** fetch for an identity provider: answers have an end and a length. `authorities`: PEM, beside those that the system trusts. */
export function boundedFetch(authorities: readonly string[]): BoundedFetch {
  const dispatcher = authorities.length === 0 ? undefined : new Agent({ connect: { ca: [...authorities] } })
  return async (url, options = {}) => {
    const signal = options.signal ? AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]) : AbortSignal.timeout(timeoutMs)
    const answer = await undiciFetch(url, { ...(options as object), redirect: 'manual', signal, ...(dispatcher && { dispatcher }) })
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.length
      if (length > longestAnswer) throw new Error(`the answer of ${new URL(url).host} has more than ${longestAnswer} bytes`)
      chunks.push(chunk)
    }
    const { status, statusText } = answer
    const body = status === 204 || status === 304 ? null : Buffer.concat(chunks)
    return new Response(body, { status, statusText, headers: [...answer.headers] })
  }
}
