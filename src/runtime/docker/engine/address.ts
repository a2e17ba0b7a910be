import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, ok, type Result } from '../../../model/result.ts'

/** Where an engine's API answers. */
export type EngineAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: EngineTls }

interface EngineTls {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Reads `unix://…`, `tcp://host:port` or a bare path, as DOCKER_HOST and docker contexts write them. `certificates`: folder with ca.pem, cert.pem, key.pem. */
export function parseEngineAddress(text: string, certificates?: string): Result<EngineAddress, string> {
  if (text.startsWith('/')) return ok({ kind: 'unix', path: text })
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return fail(`${JSON.stringify(text)} is not an address`)
  }
  switch (url.protocol) {
    case 'unix:':
      return ok({ kind: 'unix', path: decodeURIComponent(url.pathname) })
    case 'tcp:':
    case 'http:':
    case 'https:': {
      const tls = certificates === undefined ? undefined : readTls(certificates)
      if (tls !== undefined && !tls.ok) return tls
      const port = url.port === '' ? (tls === undefined ? 2375 : 2376) : Number(url.port)
      return ok({ kind: 'tcp', host: url.hostname, port, ...(tls === undefined ? {} : { tls: tls.value }) })
    }
    default:
      return fail(`addresses of the kind ${url.protocol}// are not supported: use unix:// or tcp:// (an ssh tunnel can forward the engine's socket)`)
  }
}

function readTls(folder: string): Result<EngineTls, string> {
  try {
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
    return ok({ ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') })
  } catch (error) {
    return fail(`the engine's certificates in ${folder} cannot be read: ${String(error)}`)
  }
}

export const describeAddress = (address: EngineAddress): string =>
  address.kind === 'unix' ? `unix://${address.path}` : `tcp://${address.host}:${address.port}`
