import { connect, createServer } from 'node:net'

/** A TCP port that is free on an address now: the wished one if that is free. */
export async function freePort(address = '127.0.0.1', wished = 0): Promise<number> {
  const server = createServer()
  try {
    return await new Promise<number>((resolve, reject) => {
      server.once('error', reject)
      server.listen(wished, address, () => {
        const bound = server.address()
        if (bound === null || typeof bound === 'string') reject(new Error('no port'))
        else resolve(bound.port)
      })
    })
  } catch (error) {
    if (wished === 0) throw error
    return freePort(address)
  } finally {
    server.close()
  }
}

/** Whether somebody listens on a TCP port. */
export function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
