import { createServer, type AddressInfo, type Socket } from 'node:net'

/** Hears from outside what steps say when they begin: what ran twice is heard twice, whatever became of its output. */
export interface Witness {
  readonly port: number
  /** How often each line has come. */
  heard(line: string): number
  stop(): void
}

export async function startWitness(): Promise<Witness> {
  const lines: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    socket.setEncoding('utf8').on('data', (data: string) => {
      text += data
      if (!text.endsWith('\n')) return
      lines.push(text.trim())
      socket.end()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    heard: (line) => lines.filter((other) => other === line).length,
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
