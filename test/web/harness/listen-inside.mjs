// Run by browser-network.ts in a network namespace of its own: listens on a port there, hands the socket to its parent, and keeps the namespace until that has gone.
import { createServer } from 'node:net'

const server = createServer()
// Closed here once it is the parent's, else both would accept.
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('listening', server, () => server.close()))
process.once('disconnect', () => process.exit())
