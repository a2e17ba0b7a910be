import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import type { Expectation } from '../contract.ts'
import type { DialPod } from './client/port-forward.ts'
import { listenPort } from './layout.ts'

/** Dials a pod's supervisor through the API server, again and again until it answers. */
export interface Tunnel {
  /** From now on the server dials, also when the supervisor asks for more channels. Calling it again changes nothing. */
  open(podName: string): void
  close(): void
}

export function createTunnel(dial: DialPod, expectation: Expectation, clock: Clock, log: Log): Tunnel {
  const closed = new AbortController()
  let pod: string | undefined

  async function bring(podName: string): Promise<void> {
    for (let delay = 60; !closed.signal.aborted; delay = Math.min(delay * 1.5, 2_000)) {
      const stream = await dial(podName, listenPort, closed.signal)
      const problem = stream.ok ? await firstByte(stream.value, closed.signal) : stream.error.message
      if (closed.signal.aborted) {
        if (stream.ok) stream.value.destroy()
        return
      }
      if (stream.ok && problem === undefined) return expectation.dialled(stream.value)
      log.debug({ component: 'kubernetes', pod: podName, problem }, 'opening the tunnel failed; trying again')
      await clock.sleep(delay, closed.signal).catch(() => {})
    }
  }

  expectation.onWant((channels) => {
    // Supervisors that dialled by themselves need no tunnel.
    if (pod !== undefined) for (let n = 0; n < channels; n++) void bring(pod)
  })

  return {
    open(podName) {
      if (pod !== undefined) return
      pod = podName
      void bring(podName)
    },
    close: () => closed.abort(),
  }
}

/** The supervisor sends first (it is the TLS client), so a stream that ends or stays silent has no supervisor at its other end. */
async function firstByte(stream: Duplex, signal: AbortSignal): Promise<string | undefined> {
  // A refusal may have come in the very packet that opened it: then its events are over.
  if (stream.destroyed) return messageOf(stream.errored ?? 'it ended at once')
  const patience = AbortSignal.any([signal, AbortSignal.timeout(10_000)])
  try {
    await Promise.race([
      once(stream, 'readable', { signal: patience }),
      once(stream, 'close', { signal: patience }).then(() => Promise.reject(new Error('nobody listens there yet'))),
    ])
    return stream.readableLength > 0 ? undefined : 'it ended at once'
  } catch (error) {
    stream.destroy()
    return messageOf(error)
  }
}
