import { createServer, type Socket } from 'node:net'

/** Listens for what containers send to the host: a name and a line end. */
export interface FirstBytes {
  readonly port: number
  /** Resolves with the time (performance.now) of the first byte from whoever sends this name. */
  expect(name: string): Promise<number>
  close(): Promise<void>
}

export async function listenForFirstBytes(address: string): Promise<FirstBytes> {
  const waiting = new Map<string, (at: number) => void>()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let at: number | undefined
    let text = ''
    socket.setEncoding('utf8').on('data', (data: string) => {
      at ??= performance.now()
      text += data
      const name = text.split('\n', 1)[0] ?? ''
      if (text.length > name.length) {
        waiting.get(name)?.(at)
        waiting.delete(name)
        socket.end()
      }
    })
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  const { port } = server.address() as { port: number }
  return {
    port,
    expect: (name) =>
      new Promise((resolve) => {
        waiting.set(name, resolve)
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => {
          resolve()
        })
      }),
  }
}
