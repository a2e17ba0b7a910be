import { useEffect, useState } from 'preact/hooks'
import { ApiError, ask, askJson } from '../api/client.ts'
import type { Output, OutputFile } from '../api/types.ts'
import { encodePart } from './paths.ts'
import { useAnswer, type Answer } from './use-answer.ts'

/** An output of a step of a build. */
export interface OutputPlace {
  readonly build: number
  readonly plan: string
  readonly name: string
}

const below = ({ build, plan, name }: OutputPlace): string => `/api/v1/builds/${build}/outputs/${encodePart(plan)}/${encodePart(name)}`

/** Where a file's bytes are. The path stands in the query: browsers take `..` out of a URL's path. */
export const rawUrl = (place: OutputPlace, path: string): string => `${below(place)}/raw/?${new URLSearchParams({ path })}`

/** Those of a build that are still kept. @param version asks again when it changes */
export const useKeptOutputs = (build: number | undefined, version: number): Answer<readonly Output[]> => useAnswer<readonly Output[]>(build === undefined ? undefined : `/api/v1/builds/${build}/outputs`, version)

export interface Folder {
  /** By name; those that have been asked for, as they came. */
  readonly pages: readonly (readonly OutputFile[])[]
  readonly state: 'loading' | 'more' | 'all' | { readonly failed: ApiError }
  /** Asks for the next ones, or again. */
  readonly more: () => void
}

/** Of a folder so many names are asked for at once. */
const pageSize = 500

/** What is in a folder of an output, a page at a time. */
export function useFolder(place: OutputPlace, path: string): Folder {
  const [pages, setPages] = useState<readonly (readonly OutputFile[])[]>([])
  const [state, setState] = useState<Folder['state']>('loading')
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    const abort = new AbortController()
    const after = pages.at(-1)?.at(-1)?.name
    const query = new URLSearchParams({ path, limit: String(pageSize), ...(after !== undefined && { after }) })
    setState('loading')
    askJson<readonly OutputFile[]>(`${below(place)}/files?${query}`, { signal: abort.signal }).then(
      (page) => {
        if (abort.signal.aborted) return
        setPages([...pages, page])
        setState(page.length < pageSize ? 'all' : 'more')
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setState({ failed: error instanceof ApiError ? error : new ApiError(0, 'The server’s answer could not be read.') })
      },
    )
    return () => abort.abort()
  }, [asked])
  return { pages, state, more: () => setAsked(asked + 1) }
}

/** The first bytes of a file, at most so many. */
export async function firstBytes(place: OutputPlace, path: string, most: number, signal: AbortSignal): Promise<Uint8Array> {
  const answer = await ask(rawUrl(place, path), { signal, headers: { Range: `bytes=0-${most - 1}` } })
  return new Uint8Array(await answer.arrayBuffer())
}
