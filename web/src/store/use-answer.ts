import { useEffect, useState } from 'preact/hooks'
import { ApiError, askJson } from '../api/client.ts'

/** An answer of the API that is asked for once. */
export type Answer<T> = { readonly kind: 'loading' } | { readonly kind: 'ready'; readonly value: T } | Failed

export interface Failed {
  readonly kind: 'failed'
  readonly error: ApiError
  readonly retry: () => void
}

/**
 * Asks when the component is first shown, and again when the path or `version` changes; of the same path the last answer stays until the new one is there.
 * @param path undefined: nothing is asked for (yet)
 */
export function useAnswer<T>(path: string | undefined, version: number | string = 0): Answer<T> {
  const [state, setState] = useState<{ readonly path: string | undefined; readonly answer: Answer<T> }>({ path, answer: { kind: 'loading' } })
  const [tries, setTries] = useState(0)
  useEffect(() => {
    if (path === undefined) return undefined
    const abort = new AbortController()
    askJson<T>(path, { signal: abort.signal }).then(
      (value) => {
        if (!abort.signal.aborted) setState({ path, answer: { kind: 'ready', value } })
      },
      (error: unknown) => {
        if (abort.signal.aborted) return
        const told = error instanceof ApiError ? error : new ApiError(0, 'The server’s answer could not be read.')
        setState({ path, answer: { kind: 'failed', error: told, retry: () => setTries((count) => count + 1) } })
      },
    )
    return () => abort.abort()
  }, [path, version, tries])
  return state.path === path ? state.answer : { kind: 'loading' }
}
