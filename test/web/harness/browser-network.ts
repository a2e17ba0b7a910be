import { spawn, type ChildProcess } from 'node:child_process'
import { connect, type Server, type Socket } from 'node:net'

/** A network for a browser alone, in which 127.0.0.1:PORT is the server that listens there on this machine. */
export interface BrowserNetwork {
  /** A process in it, for nsenter. */
  readonly pid: number
  close(): void
}

/**
 * Chromium fails every request that is under way when an address of the machine changes (ERR_NETWORK_CHANGED), and each container that
 * starts or ends beside the tests changes one. Undefined: this user may not make network namespaces, and the browser uses the machine's.
 */
export async function openBrowserNetwork(port: number): Promise<BrowserNetwork | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const keeper = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', process.execPath, `${import.meta.dirname}/listen-inside.mjs`, String(port)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const server = await listenerOf(keeper)
  const sockets = new Set<Socket>()
  server.on('connection', (inside: Socket) => {
    const outside = connect(port, '127.0.0.1')
    for (const [from, to] of [[inside, outside], [outside, inside]] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy()).once('close', () => (sockets.delete(from), to.destroy()))
      from.pipe(to)
    }
  })
  return {
    pid: keeper.pid ?? 0,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      keeper.disconnect()
    },
  }
}

/** The listening socket that the process opened in its network: connections that are made there are accepted here. */
function listenerOf(keeper: ChildProcess): Promise<Server> {
  let said = ''
  keeper.stderr?.on('data', (data: Buffer) => (said += data.toString()))
  return new Promise((resolve, reject) => {
    keeper.once('error', reject)
    keeper.once('exit', (code) => reject(new Error(`a network for the browser could not be made (exit status ${code}): ${said}`)))
    keeper.once('message', (_message, handle) => resolve(handle as Server))
  })
}
