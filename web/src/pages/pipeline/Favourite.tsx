import { favourites, toggleFavourite } from '../../store/favourites.ts'

/** Puts the pipeline among the favourites of the dashboard, or takes it from them. */
export function Favourite({ id, name }: { readonly id: number; readonly name: string }): preact.JSX.Element {
  const chosen = favourites.value.has(id)
  return (
    <button aria-label={`Favourite ${name}`} title="Favourite" aria-pressed={chosen} onClick={() => toggleFavourite(id)}>
      {chosen ? '★' : '☆'}
    </button>
  )
}
