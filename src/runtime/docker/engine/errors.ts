/** What can go wrong in one call of the engine. */
export type EngineError =
  /** The engine could not be reached, or closed the connection during the call. */
  | { readonly kind: 'unavailable'; readonly message: string }
  | { readonly kind: 'not-found'; readonly message: string }
  /** A name is taken, or the object's state does not allow the call. */
  | { readonly kind: 'conflict'; readonly message: string }
  /** Any other answer that is no success. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'aborted'; readonly message: string }

/** Engines answer with `{"message"}`; Podman adds `cause` and says things in several ways. */
export function errorOfAnswer(status: number, body: string): EngineError {
  const message = messageOf(body) || `the engine answered ${status}`
  // Podman answers a taken name with 500 up to version 4.
  if (status === 409 || (status === 500 && /name .* is in use|already in use|name is reserved/i.test(message))) return { kind: 'conflict', message }
  // Podman 4 looks an image up, and then asks its storage for it by id: one that was removed meanwhile is taken for a name there.
  if (status === 404 || (status === 500 && /creating container storage: parsing named reference "[0-9a-f]{64}"/.test(message))) return { kind: 'not-found', message }
  return { kind: 'refused', status, message }
}

function messageOf(body: string): string {
  const text = body.trim()
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string') return value.message.trim()
  } catch {
    // not JSON: the text itself is the message
  }
  return text.slice(0, 2000)
}

export function errorOfException(error: unknown, address: string): EngineError {
  const cause = error instanceof Error ? error : new Error(String(error))
  if (cause.name === 'AbortError') return { kind: 'aborted', message: 'aborted' }
  return { kind: 'unavailable', message: `the engine at ${address} does not answer: ${cause.message || cause.name}` }
}
