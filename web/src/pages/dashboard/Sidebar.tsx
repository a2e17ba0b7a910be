import type { Card } from '../../api/types.ts'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { shownVars } from '../../routes/instance-vars.ts'
import type { JsonObject } from '../../../../src/model/json.ts'
import { href } from '../../store/navigation.ts'
import { user } from '../../store/user.ts'
import { grouped, isRunning } from './counts.ts'
import { idOf, worstOf } from './model.ts'
import css from './Sidebar.module.css'

export interface SidebarProps {
  /** Those that are not archived. */
  readonly cards: readonly Card[]
  readonly favourites: ReadonlySet<number>
  readonly teams: readonly string[]
}

/** Ways to parts of the dashboard: favourites, teams, what runs. */
export function Sidebar({ cards, favourites, teams }: SidebarProps): preact.JSX.Element {
  const favourite = cards.filter(({ id }) => favourites.has(id))
  const running = cards.filter(isRunning)
  const search = (text: string): string => href({ page: 'dashboard', search: text })
  return (
    <nav class={css.sidebar} aria-label="Pipelines">
      {favourite.length > 0 && <h2>Favourites</h2>}
      {favourite.map((card) => (
        <a key={card.id} href={href({ page: 'pipeline', id: idOf(card), groups: [] })}>
          <StateIcon state={card.s} />
          <span>{card.vars === undefined ? card.name : `${card.name}/${shownVars(card.vars as JsonObject)}`}</span>
        </a>
      ))}
      {teams.length > 0 && <h2>Teams</h2>}
      {teams.map((team) => {
        const own = cards.filter((card) => card.team === team)
        return (
          <a key={team} href={search(`team:"${team}"`)}>
            <StateIcon state={worstOf(own)} />
            <span>{team}</span>
            <span class={css.count}>{grouped(own.length)}</span>
          </a>
        )
      })}
      <h2>Now</h2>
      <a href={href({ page: 'builds', status: 'started' })}>
        <StateIcon state="running" label="" />
        <span>running builds</span>
      </a>
      <a href={href({ page: 'builds', status: 'pending' })}>
        <StateIcon state="pending" label="" />
        <span>waiting builds</span>
      </a>
      <a href={search('status:running')}>
        <StateIcon state="running" label="" />
        <span>running pipelines</span>
        <span class={css.count}>{grouped(running.length)}</span>
      </a>
      <a href={search('failing:>1d')}>
        <StateIcon state="failed" label="" />
        <span>failing over a day</span>
      </a>
      {user.value !== undefined && (
        <>
          <h2>People</h2>
          {Object.keys(user.value.teams).toSorted().map((team) => (
            <a key={team} href={href({ page: 'team', team })}>
              <span aria-hidden="true">◉</span>
              <span>members of {team}</span>
            </a>
          ))}
          <a href={href({ page: 'account' })}>
            <span aria-hidden="true">☺</span>
            <span>your account</span>
          </a>
          {user.value.is_admin && (
            <a href={href({ page: 'admin' })}>
              <span aria-hidden="true">⚙</span>
              <span>administration</span>
            </a>
          )}
        </>
      )}
    </nav>
  )
}
