import { Component } from 'preact'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { bars } from './bars.ts'
import css from './CardTile.module.css'
import type { Tile } from './model.ts'

export interface CardTileProps {
  readonly tile: Tile
  readonly href: string
  readonly favourite: boolean
  readonly dense: boolean
  /** Why this person may not pause it; absent: may. */
  readonly pauseRefusal: string | undefined
  readonly busy: boolean
  readonly onFavourite: (tile: Tile) => void
  readonly onPause: (tile: Tile) => void
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

/** A pipeline, in at most fourteen nodes; drawn again only when what it shows has changed. */
export class CardTile extends Component<CardTileProps> {
  override shouldComponentUpdate(next: CardTileProps): boolean {
    const { tile, ...rest } = this.props
    const { tile: nextTile, ...nextRest } = next
    const same = (a: object, b: object): boolean => Object.keys({ ...a, ...b }).every((key) => a[key as never] === b[key as never])
    const { place: _, ...shown } = tile
    const { place: __, ...nextShown } = nextTile
    return !same(rest, nextRest) || !same(shown, nextShown)
  }

  override render(): preact.JSX.Element {
    const { tile, href, favourite, dense, pauseRefusal, busy, onFavourite, onPause, moving } = this.props
    const { width, height, paths } = bars(tile.jobs)
    const paused = tile.state === 'paused'
    return (
      <li class={`${css.card} ${css[tile.state]} ${dense ? css.dense : ''} ${tile.archived ? css.archived : ''}`} {...(moving !== undefined && dragging(tile, moving))}>
        <a class={css.name} href={href} data-key={tile.key} {...(moving !== undefined && { draggable: false, 'aria-keyshortcuts': 'Shift+ArrowLeft Shift+ArrowRight', onKeyDown: keys(tile, moving) })}>
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
            {tile.public && ' · public'}
          </p>
        )}
        {!dense && tile.card !== undefined && (
          <button
            class={css.action}
            aria-label={`${paused ? 'Unpause' : 'Pause'} ${tile.name}`}
            title={pauseRefusal ?? (paused ? 'Unpause' : 'Pause')}
            aria-disabled={pauseRefusal !== undefined}
            aria-busy={busy}
            onClick={() => onPause(tile)}
          >
            {paused ? '▸' : '‖'}
          </button>
        )}
        {!dense && tile.card !== undefined && (
          <button class={css.action} aria-label={`Favourite ${tile.name}`} aria-pressed={favourite} onClick={() => onFavourite(tile)}>
            {favourite ? '★' : '☆'}
          </button>
        )}
      </li>
    )
  }
}

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
