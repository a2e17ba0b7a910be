import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { boundedFetch } from '../../auth/connectors/bounded-fetch.ts'
import { boundedArray, boundedRecord, boundedString } from '../../lib/bounded.ts'
import type { JsonObject } from '../../model/json.ts'
import type { ApiServices } from '../request.ts'
import type { ShownContainer } from './check-containers.ts'
import { inTheNameOf, peerHeader } from './peer.ts'

/** So long one that does not answer delays an answer. */
const patienceMs = 5_000
const name = boundedString(4_096)

/** A check's container as another server lists it; what it says of other containers is in the database. */
const check = z.object({
  id: name,
  worker_name: name,
  state: z.literal('created'),
  type: z.literal('check'),
  resource_name: name,
  pipeline_id: z.number().int().exactOptional(),
  pipeline_name: name.exactOptional(),
  pipeline_instance_vars: boundedRecord(name, z.unknown(), 1_000).transform((vars) => vars as JsonObject).exactOptional(),
})
const listed = boundedArray(z.unknown(), 100_000)

export interface PeerCheck {
  /** Of the server that has it. */
  readonly url: string
  readonly container: ShownContainer
}

const get = boundedFetch([])

/**
 * Containers of checks that other servers have: no database knows them. `path` is the list's; they decide by the token of who asks. One
 * that does not answer is left out.
 */
export async function checksOfPeers({ peers, log }: Pick<ApiServices, 'peers' | 'log'>, path: string, headers: IncomingHttpHeaders): Promise<readonly PeerCheck[]> {
  if (headers[peerHeader] !== undefined) return []
  const found = await Promise.all((await peers()).map((url) => checksOf(url, path, headers).catch((error: unknown) => {
    log.warn({ err: error, component: 'intercept', peer: url }, 'another server was not asked for containers of checks')
    return []
  })))
  return found.flat()
}

async function checksOf(url: string, path: string, headers: IncomingHttpHeaders): Promise<readonly PeerCheck[]> {
  const answer = await get(new URL(path, url).href, { headers: inTheNameOf(headers), signal: AbortSignal.timeout(patienceMs) })
  if (!answer.ok) return []
  return listed.parse(await answer.json()).flatMap((one) => {
    const { data: container } = check.safeParse(one)
    return container === undefined ? [] : [{ url, container }]
  })
}
