import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { buildPrograms } from '../cluster/build.ts'
import { makeCertificates, type Certificates } from './certificates.ts'
import { must } from './command.ts'
import { startDaemon, stopDaemon, untilUp, type Daemon } from './daemon.ts'
import { answers, freePort } from './ports.ts'
import { readAccessLog, type RegistryAccess } from './registry-access.ts'
import { scratchFolder } from './scratch.ts'

export interface RegistryOptions {
  /** Folder for data, configuration and logs; a temporary one, removed on stop, when absent. */
  readonly dir?: string
  /** Address to listen on, default 127.0.0.1. */
  readonly address?: string
  /** Port to take if it is free; any free one otherwise. */
  readonly port?: number
  /** Basic auth: these users only, for pulling and pushing alike. */
  readonly users?: Readonly<Record<string, string>>
  /** Token auth: only with tokens of that service (excludes users). */
  readonly tokens?: TokenAuth
  /** HTTPS with a certificate of a CA made for this registry. */
  readonly tls?: boolean
  /** End with this process even when it is killed; default true. */
  readonly tied?: boolean
  /** Changes the command line before it is started, to put it into a cgroup for example. */
  readonly wrap?: (command: readonly [string, ...string[]]) => Promise<readonly [string, ...string[]]>
  readonly log?: (line: string) => void
}

/** Whose tokens a registry takes. */
export interface TokenAuth {
  readonly realm: string
  readonly service: string
  readonly issuer: string
  /** Public keys (JWK) that may have signed them. */
  readonly keys: readonly object[]
}

export interface Registry {
  /** "127.0.0.1:5000": the first part of its images' names. */
  readonly host: string
  /** "http://127.0.0.1:5000" */
  readonly url: string
  readonly certificates?: Certificates
  readonly daemon: Daemon
  /** The log that `accessLog` reads. */
  readonly accessFile: string
  /** All requests so far, oldest first. */
  accessLog(): Promise<RegistryAccess[]>
  /** Down, as for an outage; data and port are kept. */
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

/** Starts the distribution registry; resolves when it answers. Deleting is allowed. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { address = '127.0.0.1', tied = true, tls = false, wrap = async (command) => command } = options
  const program = join((await buildPrograms(['registry'], options.log)).registry, 'registry')
  const dir = options.dir ?? (await scratchFolder('registry'))
  await mkdir(join(dir, 'data'), { recursive: true })
  const certificates = tls ? await makeCertificates(join(dir, 'tls'), [address, 'localhost']) : undefined
  const port = await freePort(address, options.port)
  const host = `${address}:${port}`
  const url = `${tls ? 'https' : 'http'}://${host}`
  const accessFile = join(dir, 'access.log')
  const configFile = join(dir, 'config.yml')
  await writeFile(configFile, stringify(configuration(dir, host, await auth(program, dir, options), certificates)))

  const start = async () => {
    const [first, ...args] = await wrap([program, 'serve', configFile])
    const daemon = await startDaemon({
      name: 'registry',
      program: first,
      args,
      logFile: join(dir, 'registry.log'),
      stdout: accessFile,
      // No trace exporter: it would look for a collector on this machine.
      env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
      tied,
    })
    // A plain connection: a request of ours would stand in the access log.
    await untilUp(daemon, () => answers(address, port))
    return daemon
  }

  let daemon = await start()
  return {
    host,
    url,
    ...(certificates && { certificates }),
    get daemon() {
      return daemon
    },
    accessFile,
    accessLog: () => readAccessLog(accessFile),
    pause: () => stopDaemon(daemon, 'SIGKILL'),
    resume: async () => {
      daemon = await start()
    },
    stop: async () => {
      await stopDaemon(daemon, 'SIGKILL')
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true })
    },
  }
}

function configuration(dir: string, host: string, authentication: object | undefined, certificates: Certificates | undefined): unknown {
  return {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(dir, 'data') }, delete: { enabled: true }, maintenance: { uploadpurging: { enabled: false } } },
    http: { addr: host, ...(certificates && { tls: { certificate: certificates.certFile, key: certificates.keyFile } }) },
    ...(authentication && { auth: authentication }),
  }
}

async function auth(program: string, dir: string, { users, tokens }: RegistryOptions): Promise<object | undefined> {
  if (users !== undefined) return { htpasswd: { realm: 'test registry', path: await htpasswd(program, dir, users) } }
  if (tokens === undefined) return undefined
  const { keys, ...rest } = tokens
  const file = join(dir, 'keys.json')
  await writeFile(file, JSON.stringify({ keys }))
  return { token: { ...rest, jwks: file } }
}

/** The registry takes bcrypt only. */
async function htpasswd(program: string, dir: string, users: Readonly<Record<string, string>>): Promise<string> {
  const file = join(dir, 'htpasswd')
  const lines = await Promise.all(Object.entries(users).map(([user, password]) => must(program, ['htpasswd', user], { input: password })))
  await writeFile(file, lines.join(''), { mode: 0o600 })
  return file
}
