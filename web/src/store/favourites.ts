import { signal } from '@preact/signals'

const key = 'airside.favourites'
/** localStorage is everybody's of this origin: what stands there is read with a bound. */
const most = 2_000

function stored(): ReadonlySet<number> {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return new Set(Array.isArray(ids) ? ids.filter((id): id is number => Number.isSafeInteger(id)).slice(0, most) : [])
  } catch {
    return new Set()
  }
}

/** Ids of pipelines, so that a rename keeps them. */
export const favourites = signal<ReadonlySet<number>>(stored())

export function toggleFavourite(id: number): void {
  const next = new Set(favourites.value)
  if (!next.delete(id)) next.add(id)
  favourites.value = next
  localStorage.setItem(key, JSON.stringify([...next].slice(-most)))
}

/** Another tab's changes. */
addEventListener('storage', (event) => {
  if (event.key === key) favourites.value = stored()
})
