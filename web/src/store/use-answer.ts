import { useEffect, useState } from 'preact/hooks'
import { ApiError, ask } from '../api/client.ts'
import type { JsonObject } from '../../../src/model/json.ts'
import type { Paging } from '../routes/route.ts'
import { beginReading } from './reading.ts'

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
export const useAnswer = <T>(path: string | undefined, version: number | string = 0): Answer<T> => useAnswerOf<T>(path, version, jsonOf)

const jsonOf = (answer: Response): Promise<unknown> => answer.json()

export const useText = (path: string | undefined): Answer<string> => useAnswerOf<string>(path, 0, (answer) => answer.text())

/** A pipeline's config, and the version by which a change of it names what it changes; '' of one that the path names by its version. */
export interface KeptConfig {
  readonly config: JsonObject
  readonly version: string
}

export const useConfig = (path: string | undefined, version: number | string = 0): Answer<KeptConfig> =>
  useAnswerOf<KeptConfig>(path, version, async (answer) => ({ config: ((await answer.json()) as { readonly config: JsonObject }).config, version: answer.headers.get('X-Concourse-Config-Version') ?? '' }))

/** A page of a list, and the queries of the pages beside it. */
export interface ListPage<T> {
  readonly items: readonly T[]
  readonly older: Paging | undefined
  readonly newer: Paging | undefined
}

export const usePage = <T>(path: string | undefined, version: number | string = 0): Answer<ListPage<T>> => useAnswerOf<ListPage<T>>(path, version, pageOf)

async function pageOf(answer: Response): Promise<ListPage<unknown>> {
  const link = answer.headers.get('Link') ?? ''
  const beside = (rel: string): Paging | undefined => {
    const [, from, to, limit] = new RegExp(`<[^>]*?[?&](?:from=(\\d+)|to=(\\d+))&limit=(\\d+)[^>]*>; rel="${rel}"`).exec(link) ?? []
    if (limit === undefined) return undefined
    return from === undefined ? { to: Number(to), limit: Number(limit) } : { from: Number(from), limit: Number(limit) }
  }
  return { items: (await answer.json()) as unknown[], older: beside('next'), newer: beside('previous') }
}

/** A server that failed is asked again by itself, so that the page comes back when the server does. */
const askAgainMs = 5_000

function useAnswerOf<T>(path: string | undefined, version: number | string, read: (answer: Response) => Promise<unknown>): Answer<T> {
  const [state, setState] = useState<{ readonly path: string | undefined; readonly answer: Answer<T> }>({ path, answer: { kind: 'loading' } })
  const [tries, setTries] = useState(0)
  useEffect(() => {
    if (path === undefined) return undefined
    const abort = new AbortController()
    const done = beginReading()
    let timer: ReturnType<typeof setTimeout> | undefined
    ask(path, { signal: abort.signal })
      .then(read)
      .then(
        (value) => {
          if (!abort.signal.aborted) setState({ path, answer: { kind: 'ready', value: value as T } })
        },
        (error: unknown) => {
          if (abort.signal.aborted) return
          const told = error instanceof ApiError ? error : new ApiError(0, 'The server’s answer could not be read.')
          if (told.status === 0 || told.status >= 500) timer = setTimeout(() => setTries((count) => count + 1), askAgainMs)
          setState({ path, answer: { kind: 'failed', error: told, retry: () => setTries((count) => count + 1) } })
        },
      )
      .finally(done)
    return () => {
      done()
      abort.abort()
      clearTimeout(timer)
    }
  }, [path, version, tries])
  return state.path === path ? state.answer : { kind: 'loading' }
}
