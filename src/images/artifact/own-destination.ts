import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock, type Clock } from '../../lib/clock.ts'
import { parseImageDocument } from '../resolve/image-documents.ts'
import { layerByteCounter } from '../../lib/traffic.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { BlobStore } from '../oci/blob-store.ts'
import type { Descriptor } from '../registry/media-types.ts'
import { handleRegistryRequest } from '../server/registry-handler.ts'
import { parseRegistryPath } from '../server/registry-path.ts'
import { RegistryStore } from '../server/registry-store.ts'
import { artifactRepository, artifactTag, type Destination } from './destination.ts'

const username = 'airside'

/** A password serves for one to two of these, in ms. It is the same for all who ask within one, so that a container's spec does not change at each look. */
const passwordMs = 12 * 60 * 60_000

/**
 * Images on this server's own disk, served read-only under /v2/. Each has a repository of its own, and a password that opens that one
 * alone, for a day at most: what a pod may pull is the image that it runs.
 */
export function ownDestination({ dir, host, secret, clock = systemClock }: { readonly dir: string; /** Where nodes reach this server: `ci.example.com`. */ readonly host: string; readonly secret: Buffer; readonly clock?: Pick<Clock, 'now'> }) {
  const store = new RegistryStore(dir)
  /** A password with its expiry (unix ms) and a proof of it. */
  const passwordUntil = (repository: string, until: number): string => `${until}.${createHmac('sha256', secret).update(`image ${repository} ${until}`).digest('base64url')}`
  const passwordOf = (repository: string): string => passwordUntil(repository, (Math.floor(clock.now() / passwordMs) + 2) * passwordMs)
  const opens = (given: string, repository: string): boolean => {
    const until = Number(/^(\d{1,15})\./.exec(given)?.[1] ?? 0)
    return until > clock.now() && same(given, passwordUntil(repository, until))
  }
  /** One at a time: a blob that one image brings must not go with another that has it too. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work)
    last = turn
    return turn
  }
  const destination: Destination = {
    name: `${host}/${artifactRepository}`,
    served: true,
    location: (artifact) => ({ registry: host, repository: `${artifactRepository}/${artifact.digest.replace('sha256:', '').slice(0, 40)}`, tag: artifactTag(artifact) }),
    probeLocation: (tag) => ({ registry: host, repository: `${artifactRepository}/probe`, tag }),
    find: async ({ repository }, reference) => ok((await store.manifest(repository, reference))?.digest),
    push: ({ repository, tag }, from, image) => inTurn(() => put(store, { repository, reference: tag }, from, image)),
    credentials: ({ repository }) => Promise.resolve({ username, password: passwordOf(repository) }),
    async remove({ repository }) {
      await inTurn(() => store.deleteRepository(repository))
      return ok(undefined)
    },
  }
  const allows = ({ url, headers }: IncomingMessage): boolean => {
    const path = parseRegistryPath(new URL(url ?? '/', 'http://registry').pathname)
    const given = basicPassword(headers.authorization)
    if (path === undefined || given === undefined) return false
    // Clients request `/v2/` first, to learn which kind of authentication is needed.
    return path.kind === 'base' || opens(given, path.name)
  }
  return {
    destination,
    allows,
    /** Answers a request for `/v2/…`. */
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (!allows(request)) return unauthorized(request, response)
      await handleRegistryRequest(store, true, request, response)
    },
  }
}

/** Copies an image with all it points at. */
async function put(store: RegistryStore, { repository, reference }: { readonly repository: string; readonly reference: string }, from: BlobStore, image: Descriptor): Promise<Result<void, string>> {
  const bytes = await from.read(image.digest)
  const document = parseImageDocument(bytes)
  if (!document.ok) return fail(document.error)
  const parts = document.value.kind === 'index' ? document.value.manifests : [document.value.config, ...document.value.layers]
  for (const part of parts) {
    if (document.value.kind === 'index') {
      const child = await put(store, { repository, reference: part.digest }, from, part)
      if (!child.ok) return child
    } else if ((await store.blobSize(repository, part.digest)) === undefined) {
      const upload = await store.startUpload()
      await store.appendUpload(upload, from.open(part.digest))
      layerByteCounter()(part.size)
      if (!(await store.finishUpload(repository, upload, part.digest))) return fail(`blob ${part.digest} was damaged on its way`)
    }
  }
  await store.putManifest(repository, reference, image.mediaType, bytes)
  return ok(undefined)
}

function basicPassword(header: string | undefined): string | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(header ?? '') ?? []
  if (encoded === undefined) return undefined
  const [name, ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return name === username ? password.join(':') : undefined
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function unauthorized(request: IncomingMessage, response: ServerResponse): void {
  request.resume()
  const text = JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] })
  response.writeHead(401, { 'www-authenticate': 'Basic realm="airside"', 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(request.method === 'HEAD' ? undefined : text)
}
