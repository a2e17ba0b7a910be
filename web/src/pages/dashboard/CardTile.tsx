import type { Card } from '../../api/types.ts'
import { memo } from '../../parts/memo.ts'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { refusalOf } from '../../store/action.ts'
import { toggleFavourite } from '../../store/favourites.ts'
import { href } from '../../store/navigation.ts'
import { bars } from './bars.ts'
import css from './CardTile.module.css'
import { idOf, type Tile } from './model.ts'
import { pause, pauseOf } from './pausing.ts'

export interface CardTileProps extends ContentProps {
  /** The filter hides it. It stays in the page: shown again, it is not made anew. */
  readonly hidden: boolean
}

interface ContentProps {
  readonly tile: Tile
  readonly favourite: boolean
  readonly dense: boolean
  readonly busy: boolean
  /** Absent: this person may not put it elsewhere. */
  readonly moving: Moving | undefined
}

/** How a card is put into another place of its team. */
export interface Moving {
  readonly begin: (tile: Tile) => void
  readonly drop: (tile: Tile) => void
  /** Keys: one place to the front or the end. */
  readonly by: (tile: Tile, places: 1 | -1) => void
}

/** A pipeline, in at most fourteen nodes. */
export const CardTile = memo<CardTileProps>(({ hidden, ...content }) => {
  const { tile, dense, moving } = content
  return (
    <li hidden={hidden} class={`${css.card} ${css[tile.state]} ${dense ? css.dense : ''} ${tile.archived ? css.archived : ''} ${tile.public ? css.public : ''}`} {...(moving !== undefined && dragging(tile, moving))}>
      <Content {...content} />
    </li>
  )
})

/** Apart from the list item, since a key in the filter hides and shows hundreds of those. */
const Content = memo<ContentProps>(({ tile, favourite, dense, busy, moving }) => {
  const { width, height, paths } = bars(tile.jobs)
  return (
    <>
      <a class={css.name} title={tile.detail || undefined} href={hrefOf(tile)} data-key={tile.key} {...(moving !== undefined && { draggable: false, 'aria-keyshortcuts': 'Shift+ArrowLeft Shift+ArrowRight', onKeyDown: keys(tile, moving) })}>
        <StateIcon state={tile.state} label={`${tile.state}:`} />
        {tile.name}
        {tile.detail !== '' && <small>{tile.detail}</small>}
      </a>
      {tile.running && tile.state !== 'running' && <StateIcon state="running" label="a build runs" />}
      <svg class={css.bars} viewBox={`0 0 ${width} ${Math.max(height, 1)}`} height={height} aria-hidden="true">
        {paths.map(({ state, d }) => (
          <path key={state} class={css[`fill-${state}`]} fill-rule="evenodd" d={d} />
        ))}
      </svg>
      {!dense && (
        <p class={css.sentence} title={tile.sentence}>
          {tile.sentence}
        </p>
      )}
      {!dense && tile.card !== undefined && buttons(tile, tile.card, favourite, busy)}
    </>
  )
})

/** Of a pipeline; a function and no component, since a thousand more of those are seen when the page is opened. */
function buttons({ name, detail }: Tile, card: Card, favourite: boolean, busy: boolean): preact.JSX.Element {
  const verb = card.s === 'paused' ? 'Unpause' : 'Pause'
  const refusal = refusalOf(pauseOf(card))
  const of = `${name} ${detail}`.trim()
  return (
    <>
      <button class={css.action} aria-label={`${verb} ${of}`} title={refusal ?? verb} aria-disabled={refusal !== undefined} aria-busy={busy} onClick={() => void pause(card)}>
        {verb === 'Unpause' ? '▸' : '‖'}
      </button>
      <button class={css.action} aria-label={`Favourite ${of}`} aria-pressed={favourite} onClick={() => toggleFavourite(card.id)}>
        {favourite ? '★' : '☆'}
      </button>
    </>
  )
}

/** A group leads to its instances. */
const hrefOf = ({ card, team, name }: Tile): string => href(card === undefined ? { page: 'dashboard', search: `team:"${team}" group:"${name}"` } : { page: 'pipeline', id: idOf(card), groups: [] })

const dragging = (tile: Tile, { begin, drop }: Moving): preact.HTMLAttributes<HTMLLIElement> => ({
  draggable: true,
  onDragStart: (event) => {
    event.dataTransfer?.setData('text/plain', tile.name)
    begin(tile)
  },
  onDragOver: (event) => {
    event.preventDefault()
    event.currentTarget.dataset['over'] = ''
  },
  onDragLeave: ({ currentTarget }) => void delete currentTarget.dataset['over'],
  onDrop: (event) => {
    event.preventDefault()
    delete event.currentTarget.dataset['over']
    drop(tile)
  },
})

const keys = (tile: Tile, { by }: Moving) => (event: KeyboardEvent): void => {
  if (!event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return
  event.preventDefault()
  by(tile, event.key === 'ArrowLeft' ? -1 : 1)
}
