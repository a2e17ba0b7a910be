import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Has the server listen on any port that is free, and gives its URL. */
export async function urlOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
