import type { Card, WatchItems } from '../../api/types.ts'
import { StateIcon } from '../../parts/StateIcon.tsx'
import type { State } from '../../parts/state.ts'
import { shownVars } from '../../routes/instance-vars.ts'
import type { JsonObject } from '../../../../src/model/json.ts'
import { href } from '../../store/navigation.ts'
import { useTopic } from '../../store/use-topic.ts'
import { user } from '../../store/user.ts'
import { grouped } from './counts.ts'
import { idOf, worstOf } from './model.ts'
import css from './Sidebar.module.css'

export interface SidebarProps {
  /** Those that are not archived. */
  readonly cards: readonly Card[]
  readonly favourites: ReadonlySet<number>
  readonly teams: readonly string[]
}

/** Ways to parts of the dashboard (favourites, teams), and to what is going on now, with how much that is. */
export function Sidebar({ cards, favourites, teams }: SidebarProps): preact.JSX.Element {
  const favourite = cards.filter(({ id }) => favourites.has(id))
  const counted = useTopic<WatchItems['unfinished']>('unfinished')
  const unfinished = counted.kind === 'ready' ? counted.items[0] : undefined
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
            {own.length === 0 ? <i /> : <StateIcon state={worstOf(own)} />}
            <span>{team}</span>
            <span class={css.count}>{grouped(own.length)}</span>
          </a>
        )
      })}
      <h2>Now</h2>
      <NowLink href={href({ page: 'builds', status: 'started' })} state="running" text="running builds" count={unfinished?.running} />
      <NowLink href={href({ page: 'builds', status: 'pending' })} state="pending" text="waiting builds" count={unfinished?.waiting} />
      <NowLink href={search('is:check-failing')} state="errored" text="checks that fail" count={cards.reduce((sum, { checks = 0 }) => sum + checks, 0)} />
      <NowLink href={search('failing:>1d')} state="failed" text="failing over a day" />
      {user.value !== undefined && (
        <>
          <h2>People</h2>
          {Object.keys(user.value.teams).toSorted().map((team) => (
            <a key={team} href={href({ page: 'team', team })}>
              <Glyph of="members" />
              <span>members of {team}</span>
            </a>
          ))}
          <a href={href({ page: 'account' })}>
            <Glyph of="account" />
            <span>your account</span>
          </a>
          {user.value.is_admin && (
            <a href={href({ page: 'admin' })}>
              <Glyph of="administration" />
              <span>administration</span>
            </a>
          )}
        </>
      )}
    </nav>
  )
}

interface NowLinkProps {
  readonly href: string
  readonly state: State
  readonly text: string
  /** Undefined: not known, or not counted. */
  readonly count?: number | undefined
}

const NowLink = ({ href: url, state, text, count }: NowLinkProps): preact.JSX.Element => (
  <a href={url}>
    <StateIcon state={state} label="" still />
    <span>{text}</span>
    {count !== undefined && <span class={css.count}>{grouped(count)}</span>}
  </a>
)

const glyphs = {
  members: 'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M1.5 13.5c0-2.6 1.8-4.2 4.5-4.2s4.5 1.6 4.5 4.2M10.5 2.8a2.4 2.4 0 0 1 0 4.6M12.2 9.7c1.5.6 2.3 1.9 2.3 3.8',
  account: 'M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8M2.8 14c0-2.8 2.1-4.3 5.2-4.3s5.2 1.5 5.2 4.3',
  administration: 'M2 4.5h7M13 4.5h1M2 11.5h1M7 11.5h7M11 2.5v4M5 9.5v4',
} as const

const Glyph = ({ of }: { readonly of: keyof typeof glyphs }): preact.JSX.Element => (
  <svg class={css.glyph} width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
    <path d={glyphs[of]} />
  </svg>
)
