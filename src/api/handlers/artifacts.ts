import { pipeline as pipe } from 'node:stream/promises'
import { Readable } from 'node:stream'
import type { ServerResponse } from 'node:http'
import { createGzip } from 'node:zlib'
import type { z } from 'zod'
import { enough, type Clock } from '../../lib/clock.ts'
import type { WorkerArtifact } from '../ports.ts'
import { seconds } from '../present/builds.ts'
import { empty, jsonOf, notFound, text, type Reply } from '../reply.ts'
import type { ApiServices, Handler } from '../request.ts'
import { artifactSchema } from '../schemas.ts'
import { teamNamed } from './teams.ts'

/** An upload that sends nothing for so long is over. */
const silenceMs = 60_000

/** An input of `fly execute`: a tar, packed by gzip or zstd or not at all. */
export const createArtifact: Handler = async (services, { params, stream }) => {
  const teamId = await teamIdOf(services, params)
  if (teamId === undefined) return notFound
  if (stream === undefined) return text(415, 'an artifact is uploaded as application/octet-stream')
  const stored = await services.artifacts.store(untilSilent(stream, services.clock))
  if (!stored.ok) return refused(stored.error)
  return jsonOf(artifactSchema, present(await services.workerArtifacts.upload(teamId, stored.value, services.clock.now())), { status: 201 })
}

function refused({ kind, message }: { readonly kind: 'bad-archive' | 'too-large' | 'no-space' | 'unavailable'; readonly message: string }): Reply {
  switch (kind) {
    case 'bad-archive':
      return text(400, message)
    case 'too-large':
      return text(413, message)
    case 'no-space':
      return text(507, message)
    case 'unavailable':
      return text(503, message)
  }
}

/** A tar packed by gzip, without Content-Encoding: Go's client would unpack it, and fly unpacks it itself. */
export const getArtifact: Handler = async (services, { params }) => {
  const [teamId, id] = [await teamIdOf(services, params), params['artifact_id'] ?? '']
  const found = teamId === undefined || !/^\d{1,15}$/.test(id) ? undefined : await services.workerArtifacts.find(teamId, Number(id), services.clock.now())
  const content = found && (await services.artifacts.open(found.artifact))
  return content === undefined ? empty(404) : { kind: 'stream', write: (response) => send(content, response) }
}

export const listBuildArtifacts: Handler<'build'> = async ({ workerArtifacts, clock }, _request, { build }) =>
  jsonOf(artifactSchema.array(), (await workerArtifacts.ofBuild(build.id, clock.now())).map(present))

/** What cannot be read to its end breaks the connection off: an end would look like the whole of it. */
async function send(content: AsyncIterable<Uint8Array>, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream' })
  await pipe(Readable.from(content), createGzip({ level: 1 }), response).catch(() => response.destroy())
}

async function* untilSilent(stream: AsyncIterable<Uint8Array>, clock: Clock): AsyncIterable<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]()
  try {
    for (;;) {
      const over = new AbortController()
      const silent = clock.sleep(silenceMs, over.signal).then(
        () => 'silent' as const,
        () => 'silent' as const,
      )
      const next = await Promise.race([chunks.next(), silent])
      over.abort(enough)
      if (next === 'silent') throw Object.assign(new Error(`the upload sent nothing for ${silenceMs / 1000} s`), { statusCode: 408 })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await chunks.return?.()
  }
}

export async function teamIdOf(services: Pick<ApiServices, 'teams'>, params: Readonly<Record<string, string>>): Promise<number | undefined> {
  return (await teamNamed(services, params['team_name']))?.id
}

const present = ({ id, name, buildId, createdAt }: WorkerArtifact): z.input<typeof artifactSchema> => ({ id, name, build_id: buildId ?? 0, created_at: seconds(createdAt) })
