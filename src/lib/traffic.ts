import { AsyncLocalStorage } from 'node:async_hooks'

/** What some work has sent to registries, and moved of images' layers. */
export interface Traffic {
  requests: number
  layerBytes: number
}

const current = new AsyncLocalStorage<Traffic>()

/**
 * Runs `work` and counts into `traffic` what it causes, whichever code sends it. Where several share one request or transfer, it is
 * counted for the one that began it.
 */
export function countTraffic<T>(traffic: Traffic, work: () => T): T {
  return current.run(traffic, work)
}

/** Called by what sends a request to a registry. */
export function countRequest(): void {
  const traffic = current.getStore()
  if (traffic !== undefined) traffic.requests += 1
}

/** For what moves layers: a function to be called with the bytes of each piece, from any callback. */
export function layerByteCounter(): (bytes: number) => void {
  const traffic = current.getStore()
  return (bytes) => {
    if (traffic !== undefined) traffic.layerBytes += bytes
  }
}
