import { signal, type ReadonlySignal } from '@preact/signals'
import { ask } from '../api/client.ts'

const none = signal<string | undefined>(undefined)
const asked = new Map<string, ReadonlySignal<string | undefined>>()
/** Names come from configs: a page asks for so many at most. */
const most = 200
const wellFormed = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** The path of the icon that a resource's `icon` names, in a square of 24; undefined until it is known, and where there is none. */
export function iconPath(name: string | undefined): ReadonlySignal<string | undefined> {
  if (name === undefined) return none
  const known = asked.get(name)
  if (known !== undefined) return known
  if (asked.size >= most || name.length > 64 || !wellFormed.test(name)) return none
  const path = signal<string | undefined>(undefined)
  asked.set(name, path)
  ask(`/assets/icon/mdi/${name}`).then(
    async (answer) => {
      if (answer.status === 200) path.value = ((await answer.json()) as { readonly d: string }).d
    },
    // The page is whole without it.
    () => undefined,
  )
  return path
}
