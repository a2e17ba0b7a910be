import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline as pipe } from 'node:stream/promises'
import type { ListedBuild } from '../../model/listed-build.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { rangeOf } from '../byte-range.ts'
import { empty, jsonOf, text, type Headers, type Reply } from '../reply.ts'
import type { ApiRequest, ApiServices, Handler } from '../request.ts'
import type { OutputError, StoredOutput } from '../web-ports.ts'
import { outputFileSchema, outputSchema } from '../web-schemas.ts'

const mostFiles = 1_000
const longestPath = 4_096

export const listBuildOutputs: Handler<'build'> = async ({ outputs }, _request, { build }) => {
  const stored = await outputs.ofBuild(build.id)
  const there = await Promise.all(stored.map(({ artifact }) => outputs.has(artifact)))
  return jsonOf(outputSchema.array(), stored.filter((_, index) => there[index]).map(({ planId, name, artifact }) => ({ plan: planId, name, digest: artifact.digest, bytes: artifact.size })))
}

/** A page of what is in a folder, by name; the next one begins after its last name. */
export const listOutputFiles: Handler<'build'> = async (services, request, { build }) => {
  const { query } = request
  const limit = query.get('limit') ?? String(mostFiles)
  if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > mostFiles) return text(400, `limit must be a number from 1 to ${mostFiles}`)
  const [path, after] = [query.get('path') ?? '', query.get('after') ?? undefined]
  if (path.length > longestPath || (after ?? '').length > longestPath) return text(400, `path and after have at most ${longestPath} characters`)
  const output = await outputOf(services, request, build)
  if (!output.ok) return output.error
  const files = await services.outputs.list(output.value.artifact, path, { limit: Number(limit), ...(after !== undefined && { after }) })
  if (!files.ok) return refused(output.value, files.error)
  return jsonOf(outputFileSchema.array(), files.value.map(({ name, type, size, mode, mtime, target }) => ({ name, type, size, mode, mtime, ...(target !== undefined && { target }) })))
}

/** The bytes of one file. Its path stands at the end of the URL, or in `path`, since browsers take `..` out of URLs. */
export const getOutputFile: Handler<'build'> = async (services, request, { build }) => {
  const path = request.query.get('path') ?? request.params['*'] ?? ''
  if (path.length > longestPath) return text(400, `path has at most ${longestPath} characters`)
  const output = await outputOf(services, request, build)
  if (!output.ok) return output.error
  const file = await services.outputs.file(output.value.artifact, path)
  if (!file.ok) return refused(output.value, file.error)
  const { size, read } = file.value
  const range = rangeOf(request.headers.range, size)
  if (range === 'outside') return empty(416, { 'Content-Range': `bytes */${size}` })
  const { from, length } = range ?? { from: 0, length: size }
  const headers = {
    ...fileHeaders(path),
    'Content-Length': String(length),
    ...(range && { 'Content-Range': `bytes ${from}-${from + length - 1}/${size}` }),
  }
  return { kind: 'stream', write: (response) => send(length === 0 ? [] : read(from, length), response, range ? 206 : 200, headers) }
}

/** Nothing of a build's is run or shown as a page of this server's: pictures are pictures, all else is bytes to keep. */
function fileHeaders(path: string): Headers {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  return {
    'Content-Type': Object.hasOwn(pictures, extension) ? pictures[extension as keyof typeof pictures] : 'application/octet-stream',
    'Content-Disposition': `attachment; filename="${name.replaceAll(/[^\w. -]/g, '_').slice(0, 200)}"; filename*=UTF-8''${encodeURIComponent(name.toWellFormed()).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)}`,
    'Content-Security-Policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Accept-Ranges': 'bytes',
  }
}

const pictures = { png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp' } as const

/** What cannot be read to its end breaks the connection off: an end would look like the whole of it. */
async function send(content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, response: ServerResponse, status: number, headers: Headers): Promise<void> {
  response.writeHead(status, headers)
  await pipe(Readable.from(content), response).catch(() => response.destroy())
}

async function outputOf({ outputs }: Pick<ApiServices, 'outputs'>, { params }: ApiRequest, build: ListedBuild): Promise<Result<StoredOutput, Reply>> {
  const found = (await outputs.ofBuild(build.id)).find(({ planId, name }) => planId === params['plan_id'] && name === params['output_name'])
  return found === undefined ? fail(text(404, 'the build has no such output, or no longer: outputs are kept for some days after its end')) : ok(found)
}

function refused({ name }: StoredOutput, { kind, message }: OutputError): Reply {
  switch (kind) {
    case 'gone':
      return text(410, `output ${name}: ${message}`)
    case 'missing':
      return text(404, `output ${name}: ${message}`)
    case 'refused':
      return text(409, `output ${name}: ${message}`)
  }
}
