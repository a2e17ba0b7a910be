import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline as pipe } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { ListedBuild } from '../../model/listed-build.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { takesGzip } from '../events/gzip.ts'
import { logAskedOf, type LogAsked } from '../log/asked.ts'
import { piecesOf } from '../log/pieces.ts'
import { rendered } from '../log/render.ts'
import { empty, text, type Headers, type Reply } from '../reply.ts'
import type { ApiRequest, ApiServices, Handler } from '../request.ts'
import type { LogStart } from '../web-ports.ts'

/** A log as it is by now; the log of a build that runs is followed by its events. */
export const getBuildLog: Handler<'build'> = async (services, request, { build }) => {
  const { principal, address, headers } = request
  const found = await begin(services, request, build)
  if (!found.ok) return found.error
  const { asked, start, shown } = found.value
  const free = services.seats.take(principal.kind === 'user' ? { kind: 'principal', of: String(principal.token.ownerId) } : { kind: 'address', of: address })
  if (free === undefined) return text(503, 'too many streams are open; try again when some have ended')
  const from = 'from' in asked.place ? asked.place.from : Math.max(1, start.lines - asked.place.tail + 1)
  const pieces = piecesOf(services.logTexts, { build: build.id, step: asked.step, from, until: from + asked.lines }, start)
  return { kind: 'stream', write: (response) => send(Readable.from(rendered(pieces, asked)), response, { shown, gzip: takesGzip(headers['accept-encoding']) }).finally(free) }
}

/** How many lines it has, alone. */
export const headBuildLog: Handler<'build'> = async (services, request, { build }) => {
  const found = await begin(services, request, build)
  return found.ok ? empty(200, found.value.shown) : found.error
}

const notKept = text(410, 'the log of this build is no longer kept')

interface Begun {
  readonly asked: LogAsked
  readonly start: LogStart
  readonly shown: Headers
}

async function begin({ logTexts, lists }: Pick<ApiServices, 'logTexts' | 'lists'>, { query }: ApiRequest, build: ListedBuild): Promise<Result<Begun, Reply>> {
  const asked = await logAskedOf(query)
  if (!asked.ok) return fail(text(400, asked.error))
  if (build.reapedAt !== undefined) return fail(notKept)
  const { step, place, format, download } = asked.value
  const start = await logTexts.start(build.id, step, place)
  // Retention may have come between.
  if (start.lines === 0 && build.endedAt !== undefined && (await lists.get(build.id))?.reapedAt !== undefined) return fail(notKept)
  const file = `build-${build.id}${step === undefined ? '' : `-${step.replaceAll(/[^\w.-]/g, '_').slice(0, 100)}`}.${format === 'text' ? 'log' : 'ndjson'}`
  return ok({
    asked: asked.value,
    start,
    shown: {
      'Content-Type': format === 'text' ? 'text/plain; charset=utf-8' : 'application/x-ndjson',
      'X-Log-Lines': String(start.lines),
      Vary: 'Accept-Encoding',
      ...(download && { 'Content-Disposition': `attachment; filename="${file}"` }),
    },
  })
}

/** What cannot be read to its end breaks the connection off: an end would look like the whole of it. */
async function send(content: Readable, response: ServerResponse, { shown, gzip }: { readonly shown: Headers; readonly gzip: boolean }): Promise<void> {
  response.writeHead(200, { ...shown, ...(gzip && { 'Content-Encoding': 'gzip' }) })
  const sent = gzip ? pipe(content, createGzip({ level: 1 }), response) : pipe(content, response)
  await sent.catch(() => response.destroy())
}
