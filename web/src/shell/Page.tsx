import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { pages, type PageProps } from '../pages/registry.ts'
import { Notice, Skeleton } from '../parts/Notice.tsx'
import type { PageName, Route } from '../routes/route.ts'
import { formatRoute } from '../routes/format.ts'

type AnyPage = ComponentType<PageProps<PageName>>

const loaded = new Map<PageName, AnyPage>()

/** The page of a route, whose code is loaded when it is first shown. */
export function Page({ route }: { readonly route: Route }): preact.JSX.Element {
  const known = pages[route.page] === undefined ? 'not-found' : route.page
  const [failed, setFailed] = useState(false)
  const [, rendered] = useState(0)
  const Shown = loaded.get(known)
  useEffect(() => {
    if (loaded.has(known)) return undefined
    let wanted = true
    const load = pages[known] as () => Promise<{ readonly default: AnyPage }>
    load().then(
      (module) => {
        loaded.set(known, module.default)
        if (wanted) rendered((count) => count + 1)
      },
      () => wanted && setFailed(true),
    )
    return () => {
      wanted = false
    }
  }, [known])
  if (Shown !== undefined) return <Shown route={known === route.page ? route : { page: 'not-found', url: formatRoute(route) }} />
  if (!failed) return <Skeleton />
  // A new version of the server has other files: the page that is open names those of the old one.
  return (
    <Notice kind="error" actions={<button onClick={() => location.reload()}>Reload</button>}>
      This part of the page could not be loaded. The server may have been updated.
    </Notice>
  )
}
