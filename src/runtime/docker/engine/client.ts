import type { Duplex, Readable } from 'node:stream'
import { ok, type Result } from '../../../model/result.ts'
import type { EngineAddress } from './address.ts'
import type { EngineError } from './errors.ts'
import { engineHttp, type EngineHttp } from './http.ts'
import { jsonLines } from './json-lines.ts'
import { demultiplex, readMultiplexed } from './multiplexed.ts'
import { pullMessages, type PullMessage } from './pull-messages.ts'
import { readEvent, readInfo, readInspection, readSummaries, type EngineEvent, type EngineInfo, type Inspection, type Summary } from './shapes.ts'

/** The body of a create call; keys are the engine's. */
export interface CreateBody {
  readonly Image: string
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly Env: readonly string[]
  readonly Labels: Readonly<Record<string, string>>
  readonly User: string
  readonly WorkingDir: string
  readonly Healthcheck: { readonly Test: readonly string[] }
  readonly HostConfig: {
    readonly Mounts: readonly EngineMount[]
    readonly CapDrop: readonly string[]
    readonly Privileged: boolean
    readonly Init: boolean
    readonly AutoRemove: boolean
    readonly RestartPolicy: { readonly Name: '' | 'no' }
    readonly SecurityOpt: readonly string[]
    readonly NetworkMode?: 'none'
    readonly Memory?: number
    readonly MemorySwap?: number
    readonly CpuShares?: number
    readonly UsernsMode?: string
  }
}

export interface EngineMount {
  readonly Type: 'bind'
  readonly Source: string
  readonly Target: string
  readonly ReadOnly: boolean
}

type Answer<T> = Promise<Result<T, EngineError>>

/** The part of the Docker Engine API that Airside needs; Docker and Podman both speak it. Containers by name or id. */
export interface EngineClient {
  readonly address: EngineAddress
  info(signal?: AbortSignal): Answer<EngineInfo>
  create(name: string, body: CreateBody, signal?: AbortSignal): Answer<{ readonly id: string }>
  /** Starting a running container is fine. */
  start(container: string): Answer<void>
  inspect(container: string): Answer<Inspection>
  /** Kills it and removes it with its anonymous volumes. A container that is not there: `not-found`. */
  remove(container: string): Answer<void>
  /** Resolves when a container has ended, or is gone. */
  wait(container: string, condition: 'not-running' | 'removed', signal?: AbortSignal): Answer<void>
  /** Also of those whose removal was broken off. */
  list(labels: readonly string[]): Answer<readonly Summary[]>
  /** The last lines of what PID 1 wrote to stdout and stderr. */
  logs(container: string, lines: number): Answer<string>
  /** Messages of a pull as they come; a failed pull is a message too. */
  pull(image: string, registryAuth: string | undefined, signal: AbortSignal): Answer<AsyncIterable<PullMessage>>
  /** Makes an image of a root's tar. */
  importImage(name: string, rootfs: Readable, signal: AbortSignal): Answer<void>
  /** Takes a docker or OCI archive that gives its image no name; resolves with the image's id. */
  loadImage(archive: Readable, signal: AbortSignal): Answer<string>
  tagImage(image: string, repository: string, tag: string): Answer<void>
  /** Takes a name from an image, and the image itself when it was the last. */
  removeImage(name: string): Answer<void>
  /** Unpacks a tar into a container's folder. */
  putArchive(container: string, folder: string, tar: Buffer): Answer<void>
  /** Container events; the iterable throws when the stream breaks. Resolves when the engine listens. */
  events(labels: readonly string[], signal: AbortSignal): Answer<AsyncIterable<EngineEvent>>
  /** A process in a running container: its stdin and stdout as one stream. */
  exec(container: string, command: readonly string[], user: string): Answer<Duplex>
  close(): Promise<void>
}

export function engineClient(address: EngineAddress): EngineClient {
  const http = engineHttp(address)
  const versions = negotiation(http)
  const prefix = async (): Answer<string> => {
    const found = await versions()
    return found.ok ? ok(found.value.docker) : found
  }

  const text = async (call: Parameters<EngineHttp['text']>[0]): Answer<string> => {
    const version = await prefix()
    return version.ok ? http.text({ ...call, path: version.value + call.path }) : version
  }
  const stream = async (call: Parameters<EngineHttp['stream']>[0]): Answer<Readable> => {
    const version = await prefix()
    return version.ok ? http.stream({ ...call, path: version.value + call.path }) : version
  }
  const done = async (call: Parameters<EngineHttp['text']>[0]): Answer<void> => {
    const answer = await text(call)
    return answer.ok ? ok(undefined) : answer
  }
  const read = async <T>(call: Parameters<EngineHttp['text']>[0], reader: (text: string) => Result<T, EngineError>): Answer<T> => {
    const answer = await text(call)
    return answer.ok ? reader(answer.value) : answer
  }
  const at = (container: string): string => `/containers/${encodeURIComponent(container)}`
  const labelFilter = (labels: readonly string[], more: Record<string, readonly string[]> = {}): string => JSON.stringify({ label: labels, ...more })

  return {
    address,
    info: (signal) => read({ method: 'GET', path: '/info', ...(signal && { signal }) }, readInfo),
    create: (name, body, signal) => read({ method: 'POST', path: '/containers/create', query: { name }, body, ...(signal && { signal }) }, (answer) => readId(answer)),
    start: (container) => done({ method: 'POST', path: `${at(container)}/start` }),
    inspect: (container) => read({ method: 'GET', path: `${at(container)}/json` }, readInspection),
    async remove(container) {
      const found = await versions()
      if (!found.ok) return found
      const { docker, podman } = found.value
      // In Docker's API Podman gives a running container ten seconds to end by itself.
      const answer = podman === undefined
        ? await http.text({ method: 'DELETE', path: docker + at(container), query: { force: '1', v: '1' } })
        : await http.text({ method: 'DELETE', path: podman + at(container), query: { force: 'true', volumes: 'true', timeout: '0' } })
      return answer.ok ? ok(undefined) : answer
    },
    wait: (container, condition, signal) => done({ method: 'POST', path: `${at(container)}/wait`, query: { condition }, ...(signal && { signal }) }),
    async list(labels) {
      const found = await versions()
      if (!found.ok) return found
      const { docker, podman } = found.value
      // In Docker's API Podman lists nothing while the removal of one container is broken off.
      const answer = podman === undefined
        ? await http.text({ method: 'GET', path: `${docker}/containers/json`, query: { all: '1', filters: labelFilter(labels) } })
        : await http.text({ method: 'GET', path: `${podman}/containers/json`, query: { all: 'true', filters: labelFilter(labels) } })
      return answer.ok ? readSummaries(answer.value) : answer
    },
    async logs(container, lines) {
      const body = await stream({ method: 'GET', path: `${at(container)}/logs`, query: { stdout: '1', stderr: '1', tail: String(lines) } })
      return body.ok ? ok(await readMultiplexed(body.value)) : body
    },
    async pull(image, registryAuth, signal) {
      const headers = registryAuth === undefined ? {} : { 'x-registry-auth': registryAuth }
      const body = await stream({ method: 'POST', path: '/images/create', query: { fromImage: image }, headers, signal })
      return body.ok ? ok(pullMessages(jsonLines(body.value))) : body
    },
    importImage: (name, rootfs, signal) => read({ method: 'POST', path: '/images/create', query: { fromSrc: '-', repo: name }, body: rootfs, signal }, readSuccess),
    loadImage: (archive, signal) => read({ method: 'POST', path: '/images/load', query: { quiet: '1' }, body: archive, signal }, readLoaded),
    tagImage: (image, repo, tag) => done({ method: 'POST', path: `/images/${encodeURIComponent(image)}/tag`, query: { repo, tag } }),
    removeImage: (name) => done({ method: 'DELETE', path: `/images/${encodeURIComponent(name)}` }),
    putArchive: (container, folder, tar) => done({ method: 'PUT', path: `${at(container)}/archive`, query: { path: folder }, body: tar }),
    async events(labels, signal) {
      const body = await stream({ method: 'GET', path: '/events', query: { filters: labelFilter(labels, { type: ['container'] }) }, signal })
      return body.ok ? ok(readEvents(body.value)) : body
    },
    async exec(container, command, user) {
      const process = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: false, User: user, Cmd: command }
      const made = await read({ method: 'POST', path: `${at(container)}/exec`, body: process }, readId)
      if (!made.ok) return made
      const version = await prefix()
      if (!version.ok) return version
      const raw = await http.hijack({ method: 'POST', path: `${version.value}/exec/${made.value.id}/start`, body: { Detach: false, Tty: false } })
      return raw.ok ? ok(demultiplex(raw.value)) : raw
    },
    close: () => http.close(),
  }
}

/** Oldest API that has all that is used here, and the newest that was tried. */
const oldest = [1, 24] as const
const newest = [1, 47] as const

/** What calls begin with. */
interface Versions {
  readonly docker: string
  /** Of Podman's own API, where the engine is Podman. */
  readonly podman?: string
}

/** Asks once which version the engine speaks; asks again after a failure. */
function negotiation(http: EngineHttp): () => Answer<Versions> {
  let known: Promise<Result<Versions, EngineError>> | undefined
  const ask = async (): Answer<Versions> => {
    const answer = await http.text({ method: 'GET', path: '/version' })
    if (!answer.ok) {
      known = undefined
      return answer
    }
    return ok(readVersions(answer.value))
  }
  return () => (known ??= ask())
}

export function readVersions(text: string): Versions {
  const [, major, minor] = /"ApiVersion"\s*:\s*"(\d+)\.(\d+)"/.exec(text) ?? []
  const theirs = [Number(major ?? oldest[0]), Number(minor ?? oldest[1])] as const
  const chosen = theirs[0] < newest[0] || (theirs[0] === newest[0] && theirs[1] < newest[1]) ? theirs : newest
  // Podman says of its own API which is the oldest version that it takes.
  const [, podman] = /"Podman Engine"[^{}]*\{[^{}]*"MinAPIVersion"\s*:\s*"(\d+\.\d+\.\d+)/.exec(text) ?? []
  return { docker: `/v${chosen[0]}.${chosen[1]}`, ...(podman !== undefined && { podman: `/v${podman}/libpod` }) }
}

function readId(text: string): Result<{ readonly id: string }, EngineError> {
  const [, id] = /"Id"\s*:\s*"([0-9a-f]+)"/.exec(text) ?? []
  return id === undefined ? { ok: false, error: { kind: 'refused', status: 200, message: 'the engine answered without an id' } } : ok({ id })
}

/** Answers that come as a stream may tell of a failure in it. */
function readSuccess(text: string): Result<void, EngineError> {
  const [, message] = /"error"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text) ?? []
  return message === undefined ? ok(undefined) : { ok: false, error: { kind: 'refused', status: 200, message } }
}

function readLoaded(text: string): Result<string, EngineError> {
  const success = readSuccess(text)
  if (!success.ok) return success
  const [, id] = /Loaded image(?:\(s\))?(?: ID)?: (sha256:[0-9a-f]{64})/.exec(text) ?? []
  return id === undefined ? { ok: false, error: { kind: 'refused', status: 200, message: `the engine did not say the id of the image that it loaded: ${text.slice(0, 500)}` } } : ok(id)
}

async function* readEvents(body: Readable): AsyncIterable<EngineEvent> {
  for await (const line of jsonLines(body)) {
    const event = readEvent(line)
    if (event !== undefined) yield event
  }
}
