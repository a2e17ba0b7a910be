import { Duplex } from 'node:stream'
import { WebSocket, type RawData } from 'ws'
import { codeOf, messageOf } from '../../../lib/errors.ts'
import { fail, ok, type Result } from '../../../model/result.ts'
import type { ClusterAccess } from './access.ts'
import type { ApiError } from './api-error.ts'

/**
 * One connection to a port on the pod's loopback, through the API server: a WebSocket that carries a data and an error channel.
 * No half-close, cut when idle, and it names a pod, not a UID: who is at the other end must be asked there.
 */
export type DialPod = (pod: string, port: number, signal: AbortSignal) => Promise<Result<Duplex, ApiError>>

const dataChannel = 0
const errorChannel = 1

export function createDialPod(access: ClusterAccess, namespace: string): DialPod {
  return async (pod, port, signal) => {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward?ports=${port}`
    const { headers, agent, tls } = await access.credentials()
    if (signal.aborted) return fail(noConnection('Aborted', 'the call was aborted'))
    const socket = new WebSocket(access.server.replace(/^http/, 'ws') + path, 'v4.channel.k8s.io', {
      ...tls,
      agent,
      headers,
      handshakeTimeout: 15_000,
      perMessageDeflate: false,
      maxPayload: 64 * 1024 * 1024,
    })
    return opened(socket, signal)
  }
}

/** Resolves when the forwarder has said its first word (the port), which comes before it dials: refusals come as an error later. */
function opened(socket: WebSocket, signal: AbortSignal): Promise<Result<Duplex, ApiError>> {
  return new Promise((resolve) => {
    const give = (result: Result<Duplex, ApiError>): void => {
      signal.removeEventListener('abort', aborted)
      resolve(result)
    }
    const aborted = (): void => {
      give(fail(noConnection('Aborted', 'the call was aborted')))
      socket.terminate()
    }
    signal.addEventListener('abort', aborted, { once: true })
    socket.on('unexpected-response', (request, response) => {
      give(fail({ kind: 'api-error', status: response.statusCode ?? 0, reason: '', message: `port-forward: ${response.statusCode} ${response.statusMessage}` }))
      response.resume()
      request.destroy()
    })
    // This listener stays: an error event without a listener would end the process.
    socket.on('error', (error) => give(fail(noConnection(codeOf(error) ?? 'NetworkError', messageOf(error)))))
    socket.once('open', () => give(ok(channelStream(socket))))
  })
}

const noConnection = (reason: string, message: string): ApiError => ({ kind: 'api-error', status: 0, reason, message })

function channelStream(socket: WebSocket): Duplex {
  const heading = [true, true]
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => socket.resume(),
    write(chunk: Uint8Array, _encoding, done) {
      const frame = Buffer.allocUnsafe(chunk.length + 1)
      frame[0] = dataChannel
      frame.set(chunk, 1)
      socket.send(frame, (error) => done(error ?? null))
    },
    final(done) {
      socket.close()
      done()
    },
    destroy(error, done) {
      socket.terminate()
      done(error)
    },
  })
  // A refusal may come before the caller listens: an error event without a listener would end the process.
  stream.on('error', () => {})
  socket.on('message', (data: RawData) => {
    const message = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)])
    const channel = message[0]
    let payload = message.subarray(1)
    if (channel !== dataChannel && channel !== errorChannel) return
    if (heading[channel] === true) {
      // The first message of each channel is the port's two bytes.
      if (payload.length === 0) return
      heading[channel] = false
      payload = payload.subarray(2)
    }
    if (payload.length === 0) return
    if (channel === errorChannel) stream.destroy(new Error(payload.toString('utf8').slice(0, 500)))
    else if (!stream.push(payload)) socket.pause()
  })
  socket.on('close', () => {
    stream.push(null)
    stream.end()
  })
  socket.on('error', (error) => stream.destroy(error))
  return stream
}
