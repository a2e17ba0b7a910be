import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { boundedString } from '../../../lib/bounded.ts'
import { parseEngineAddress, type EngineAddress } from '../engine/address.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A place where an engine may answer. */
interface Candidate {
  /** Who names it, for messages: `DOCKER_HOST`, `docker context "colima"`, `/var/run/docker.sock`. */
  readonly named: string
  readonly address: EngineAddress
  /** Chosen by the user: if it does not answer, no other engine is used. */
  readonly chosen: boolean
}

export interface Candidates {
  readonly list: readonly Candidate[]
  /** Why a chosen place cannot be used. */
  readonly problem?: string
}

/** Addresses in the order in which they are tried: the user's choice, then the usual sockets. */
export function engineCandidates(env: Environment, uid: number): Candidates {
  const chosen = fromDockerHost(env) ?? fromContext(env)
  if (chosen !== undefined && 'problem' in chosen) return { list: [], problem: chosen.problem }
  const home = env['HOME'] ?? ''
  const runtimeDir = env['XDG_RUNTIME_DIR'] || `/run/user/${uid}`
  const paths = [
    '/var/run/docker.sock',
    join(runtimeDir, 'docker.sock'),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    join(home, '.rd/docker.sock'),
    ...(uid === 0 ? ['/run/podman/podman.sock'] : [join(runtimeDir, 'podman/podman.sock'), '/run/podman/podman.sock']),
    join(home, '.local/share/containers/podman/machine/podman.sock'),
  ]
  const usual = paths.map((path): Candidate => ({ named: path, address: { kind: 'unix', path }, chosen: false }))
  return { list: chosen === undefined ? usual : [chosen, ...usual] }
}

type Chosen = Candidate | { readonly problem: string } | undefined

function fromDockerHost(env: Environment): Chosen {
  const text = env['DOCKER_HOST']
  if (text === undefined || text === '') return undefined
  const verify = env['DOCKER_TLS_VERIFY'] !== undefined && env['DOCKER_TLS_VERIFY'] !== ''
  const certificates = verify ? (env['DOCKER_CERT_PATH'] ?? join(env['HOME'] ?? '', '.docker')) : undefined
  const address = parseEngineAddress(text, certificates)
  return address.ok ? { named: 'DOCKER_HOST', address: address.value, chosen: true } : { problem: `DOCKER_HOST: ${address.error}` }
}

const configShape = z.object({ currentContext: boundedString(4096).optional() })
const contextShape = z.object({ Endpoints: z.object({ docker: z.object({ Host: boundedString(4096) }) }) })

function fromContext(env: Environment): Chosen {
  const folder = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? '', '.docker')
  const name = env['DOCKER_CONTEXT'] || readJson(join(folder, 'config.json'), configShape)?.currentContext
  if (name === undefined || name === '' || name === 'default') return undefined
  const id = createHash('sha256').update(name).digest('hex')
  const context = readJson(join(folder, 'contexts/meta', id, 'meta.json'), contextShape)
  if (context === undefined) return { problem: `docker context ${JSON.stringify(name)} is chosen, but ${folder} does not describe it` }
  const address = parseEngineAddress(context.Endpoints.docker.Host)
  const named = `docker context ${JSON.stringify(name)}`
  return address.ok ? { named, address: address.value, chosen: true } : { problem: `${named}: ${address.error}` }
}

function readJson<T>(path: string, shape: z.ZodType<T>): T | undefined {
  try {
    return shape.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}
