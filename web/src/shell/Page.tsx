import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { pages, type PageProps } from '../pages/registry.ts'
import { Notice, Skeleton } from '../parts/Notice.tsx'
import type { PageName, Route } from '../routes/route.ts'
import { formatRoute } from '../routes/format.ts'
import { audience } from '../store/user.ts'

type AnyPage = ComponentType<PageProps<PageName>>

const loaded = new Map<PageName, AnyPage>()

/** The page of a route, whose code is loaded when it is first shown. */
export function Page({ route }: { readonly route: Route }): preact.JSX.Element {
  const known = pages[route.page] === undefined ? 'not-found' : route.page
  const [failed, setFailed] = useState<PageName>()
  const [, rendered] = useState(0)
  const Shown = loaded.get(known)
  useEffect(() => {
    // Not whether it is loaded by now: it may have been between the rendering and this, for a page that was left.
    if (Shown !== undefined) return undefined
    let wanted = true
    load(known).then(
      (page) => {
        loaded.set(known, page)
        if (wanted) rendered((count) => count + 1)
      },
      () => wanted && !reloadOnce() && setFailed(known),
    )
    return () => {
      wanted = false
    }
  }, [known])
  if (Shown !== undefined) return <Shown key={audience.value} route={known === route.page ? route : { page: 'not-found', url: formatRoute(route) }} />
  if (failed !== known) return <Skeleton />
  // A new version of the server has other files: the page that is open names those of the old one.
  return (
    <Notice kind="error" actions={<button onClick={() => location.reload()}>Reload</button>}>
      This part of the page could not be loaded. The server may have been updated.
    </Notice>
  )
}

/** Tried again, since a machine that changes its network loses all that it has under way. */
async function load(name: PageName): Promise<AnyPage> {
  const fetched = pages[name] as () => Promise<{ readonly default: AnyPage }>
  for (const pause of [250, 1_000]) {
    try {
      return (await fetched()).default
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return (await fetched()).default
}

const reloadedKey = 'airside.reloaded'
const reloadAgainMs = 60_000

/** A browser may keep the failure of a part for as long as the page is there, and a new server has other parts. Once a minute: not for ever. */
function reloadOnce(): boolean {
  if (Date.now() - Number(sessionStorage.getItem(reloadedKey) ?? 0) < reloadAgainMs) return false
  sessionStorage.setItem(reloadedKey, String(Date.now()))
  location.reload()
  return true
}
