import { useEffect, useMemo, useState } from 'preact/hooks'
import { ApiError, askJson } from '../api/client.ts'
import type { Found } from '../api/types.ts'
import { NewestAnswer, type AnswerOf } from '../search/newest.ts'

type Answer = { readonly kind: 'found'; readonly found: readonly Found[] } | { readonly kind: 'failed'; readonly why: string }

export interface SearchState {
  /** What the newest answer holds; undefined: there is none, or the search failed. */
  readonly found: readonly Found[] | undefined
  /** It is for an older text than is wanted. */
  readonly behind: boolean
  /** A sentence. */
  readonly problem: string | undefined
}

/** Of the server's search (GET /api/v1/search). */
export const longestSearch = 200
const most = 20

/** What the server finds by a text as it is typed; the answer to an older text stays until that of the newest is there. */
export function useSearch(text: string): SearchState {
  const wanted = text.trim()
  const [newest, setNewest] = useState<AnswerOf<Answer>>()
  const asker = useMemo(() => new NewestAnswer(search, setNewest), [])
  useEffect(() => () => asker.end(), [])
  useEffect(() => {
    if (wanted !== '') asker.want(wanted)
  }, [wanted])
  if (wanted === '') return { found: undefined, behind: false, problem: undefined }
  const answer = newest?.answer
  return {
    found: answer?.kind === 'found' ? answer.found : undefined,
    behind: newest?.of !== wanted,
    problem: answer?.kind === 'failed' ? answer.why : undefined,
  }
}

async function search(text: string): Promise<Answer> {
  try {
    return { kind: 'found', found: await askJson<readonly Found[]>(`/api/v1/search?${new URLSearchParams({ q: text, limit: String(most) })}`) }
  } catch (error) {
    return { kind: 'failed', why: error instanceof ApiError ? error.message : 'The server’s answer could not be read.' }
  }
}
