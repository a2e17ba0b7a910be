import type { Card } from '../../api/types.ts'
import { SetPipelineButton } from '../../shell/set-pipeline/SetPipelineButton.tsx'
import { favourites } from '../../store/favourites.ts'
import { mayCall } from '../../store/user.ts'
import { CardTile } from './CardTile.tsx'
import css from './DashboardPage.module.css'
import type { Section } from './model.ts'
import { OrderButton, useMoving } from './moving.tsx'
import { busy } from './pausing.ts'

export interface CardSectionProps {
  readonly section: Section
  readonly cards: readonly Card[]
  readonly dense: boolean
}

/** Favourites, or the pipelines of a team. */
export function CardSection({ section, cards, dense }: CardSectionProps): preact.JSX.Element {
  const { title, team, summary, tiles, shown } = section
  const moving = useMoving(section, cards)
  const visible = new Set(shown)
  return (
    <section aria-label={title} hidden={shown.length === 0}>
      <div class={css.head}>
        <h2 class={css.team}>
          {title} <span>{summary}</span>
        </h2>
        <span>
          {team !== undefined && mayCall(team, 'SaveConfig') && <SetPipelineButton label="New…" class={css.order} teams={[team]} />}
          {moving !== undefined && <OrderButton section={section} cards={cards} />}
        </span>
      </div>
      <ul class={`${css.grid} ${dense ? css.dense : ''}`}>
        {tiles.map((tile) => (
          <CardTile
            key={tile.key}
            tile={tile}
            hidden={!visible.has(tile)}
            dense={dense}
            favourite={tile.card !== undefined && favourites.value.has(tile.card.id)}
            busy={tile.card !== undefined && busy.value.has(tile.card.id)}
            moving={moving}
          />
        ))}
      </ul>
    </section>
  )
}
