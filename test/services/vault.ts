import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { makeCertificates, type Certificates } from './certificates.ts'
import { startDaemon, stopDaemon, untilUp } from './daemon.ts'
import { scratchFolder } from './scratch.ts'
import { buildVault } from './vault-program.ts'

export interface Vault {
  readonly url: string
  /** With all rights. */
  readonly token: string
  readonly certificates?: Certificates
  /** Asks Vault's API as root; the error holds its answer. */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Record<string, unknown>>
  stop(): Promise<void>
}

/** Starts a Vault of its own in memory, unsealed; ends with this process. */
export async function startVault(options: { readonly tls?: boolean; readonly log?: (line: string) => void } = {}): Promise<Vault> {
  const program = await buildVault(options.log)
  const dir = await scratchFolder('vault')
  const certificates = options.tls === true ? await makeCertificates(join(dir, 'tls')) : undefined
  const stdout = join(dir, 'ready.json')
  const args = certificates === undefined ? [] : ['-cert', certificates.certFile, '-key', certificates.keyFile]
  const daemon = await startDaemon({ name: 'vault', program, args, logFile: join(dir, 'vault.log'), stdout, tied: process.platform === 'linux' })
  const { address, token } = await untilUp(daemon, async () => {
    const line = await readFile(stdout, 'utf8')
    return line.endsWith('\n') ? (JSON.parse(line) as { address: string; token: string }) : undefined
  })
  const url = `${certificates === undefined ? 'http' : 'https'}://${address}`
  const dispatcher = new Agent({ connect: certificates === undefined ? {} : { ca: certificates.ca } })
  return {
    url, token,
    ...(certificates && { certificates }),
    async ask(method, path, body) {
      const answer = await request(`${url}/v1/${path}`, { dispatcher, method, headers: { 'x-vault-token': token }, body: body === undefined ? null : JSON.stringify(body) })
      const text = await answer.body.text()
      if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`)
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    },
    async stop() {
      await dispatcher.destroy()
      await stopDaemon(daemon)
      await rm(dir, { recursive: true, force: true })
    },
  }
}
