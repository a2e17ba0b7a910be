import { createServer, type Socket } from 'node:net'
import { createHearing, type HostLine } from './host-line.ts'

/** Over TCP with the image's own `nc`. */
export async function openTcpLine(address: string): Promise<HostLine> {
  const { heard, tell } = createHearing()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let at: number | undefined
    let text = ''
    const onData = (data: string) => {
      at ??= performance.now()
      text += data
      const end = text.indexOf('\n')
      if (end < 0) return
      socket.off('data', onData).resume()
      const letGo = () => void socket.end()
      const [name = '', waits] = text.slice(0, end).split(' ')
      tell(name, { at, letGo })
      if (waits === undefined) letGo()
    }
    socket.setEncoding('utf8').on('data', onData)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  const { port } = server.address() as { port: number }
  return {
    // nc ends when the other side has.
    say: (name) => `echo ${name} | nc ${address} ${port}`,
    sayAndWait: (name) => `echo ${name} waits | nc ${address} ${port}`,
    heard,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => {
          resolve()
        })
      }),
  }
}
