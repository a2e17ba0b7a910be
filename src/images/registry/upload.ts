import type { Readable } from 'node:stream'
import { layerByteCounter } from '../../lib/traffic.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { registryError, type ErrorContext } from './classify.ts'
import type { Exchanger } from './exchange.ts'
import { discard } from './read-body.ts'
import type { RegistryError } from './registry-error.ts'

export interface UploadSource {
  readonly digest: string
  /** In bytes. */
  readonly size: number
  /** The bytes from their beginning. */
  open(): Readable
}

/** Uploads by a POST and one PUT with all the bytes, which every registry supports. */
export async function uploadBlob(
  exchanger: Exchanger,
  context: ErrorContext,
  source: UploadSource,
  signal: AbortSignal | undefined,
): Promise<Result<void, RegistryError>> {
  const begun = await exchanger.run(context, {
    method: 'POST',
    path: `/v2/${context.target.repository}/blobs/uploads/`,
    action: 'pull,push',
    headers: { 'content-length': '0' },
    accept: [202],
    signal,
  })
  if (!begun.ok) return begun
  await discard(begun.value.body)
  const location = begun.value.headers['location']
  if (typeof location !== 'string' || !URL.canParse(location, begun.value.url.href)) {
    return fail(registryError(context, 'bad-response', 'it names no place for the upload'))
  }
  const url = new URL(location, begun.value.url)
  if (url.protocol !== begun.value.url.protocol && url.protocol !== 'https:') {
    return fail(registryError(context, 'bad-response', `it sends the upload to ${url.host} without TLS`))
  }
  url.searchParams.set('digest', source.digest)
  const put = await exchanger.run(context, {
    method: 'PUT',
    path: url,
    action: 'pull,push',
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(source.size) },
    body: () => source.open(),
    accept: [201],
    signal,
  })
  if (!put.ok) return put
  layerByteCounter()(source.size)
  await discard(put.value.body)
  return ok(undefined)
}
