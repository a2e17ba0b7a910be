import { useState } from 'preact/hooks'
import type { Card } from '../../api/types.ts'
import { Empty, Skeleton } from '../../parts/Notice.tsx'
import { useKeys } from '../../parts/use-keys.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { states } from '../../parts/state.ts'
import { RefusedPage } from '../../shell/StatePages.tsx'
import { Heading } from '../../shell/Heading.tsx'
import { now } from '../../store/now.ts'
import { favourites } from '../../store/favourites.ts'
import { replace } from '../../store/navigation.ts'
import { useTopic } from '../../store/use-topic.ts'
import { user } from '../../store/user.ts'
import type { PageProps } from '../registry.ts'
import { CardSection } from './CardSection.tsx'
import { Counts } from './Counts.tsx'
import { grouped, isFailing, pipelines } from './counts.ts'
import css from './DashboardPage.module.css'
import { FilterBox } from './FilterBox.tsx'
import { shownCards, teamsInOrder, toggled } from './model.ts'
import { said } from './moving.tsx'
import { NoPipelines } from './NoPipelines.tsx'
import { Sidebar } from './Sidebar.tsx'

type Props = PageProps<'dashboard'>

/** All pipelines that somebody may see, live. */
export default function DashboardPage({ route }: Props): preact.JSX.Element {
  const state = useTopic<Card>('dashboard')
  if (state.kind === 'loading') return <Skeleton />
  if (state.kind === 'refused') return <RefusedPage status={state.status} subject="the dashboard" />
  return <Dashboard route={route} cards={state.items} />
}

function Dashboard({ route, cards }: Props & { readonly cards: readonly Card[] }): preact.JSX.Element {
  const { search = '', all = false, dense = false } = route
  const own = Object.keys(user.value?.teams ?? {})
  const active = cards.filter(({ archived }) => archived !== true)
  const shown = shownCards({ cards, search, archived: all, favourites: favourites.value, teams: own, now: now.value })
  const teams = teamsInOrder([...own, ...cards.map(({ team }) => team)], own)
  const groups = [...new Set(cards.flatMap(({ vars, name }) => (vars === undefined ? [] : [name])))]
  const [menu, setMenu] = useState(false)
  useKeys({ '/': ['go to the filter', () => document.getElementById('filter')?.focus()] })
  const show = (changes: { readonly search?: string; readonly dense?: boolean; readonly all?: boolean }): void => {
    const next = { search, dense, all, ...changes }
    replace({ page: 'dashboard', ...(next.search !== '' && { search: next.search }), ...(next.all && { all: true }), ...(next.dense && { dense: true }) })
  }
  return (
    <div class={css.page}>
      {!route.hideUi && (
        <div class={css.side} data-open={menu}>
          <Sidebar cards={active} favourites={favourites.value} teams={teams} />
        </div>
      )}
      <div class={css.content}>
        <div class={css.summary}>
          {!route.hideUi && (
            <button class={css.menu} aria-expanded={menu} onClick={() => setMenu(!menu)}>
              Menu
            </button>
          )}
          <Heading title={titleOf(active)}>{shown.matching === shown.all ? pipelines(shown.all) : `${grouped(shown.matching)} of ${pipelines(shown.all)}`}</Heading>
          <Counts cards={active} search={search} onToggle={(word) => show({ search: toggled(search, word) })} />
          <span class={css.space} />
          <FilterBox value={search} names={{ teams, groups }} problems={shown.problems} onChange={(text) => show({ search: text })} />
          <button aria-pressed={dense} onClick={() => show({ dense: !dense })}>
            Dense
          </button>
          {(all || active.length < cards.length) && (
            <button aria-pressed={all} onClick={() => show({ all: !all })}>
              Archived
            </button>
          )}
        </div>
        {cards.length === 0 && <NoPipelines />}
        {cards.length > 0 && shown.matching === 0 && (
          <Empty title="No pipeline matches the filter">
            <button onClick={() => show({ search: '' })}>Clear the filter</button>
          </Empty>
        )}
        {shown.sections.map((section) => (
          <CardSection key={`${section.team === undefined} ${section.title}`} section={section} cards={cards} dense={dense} />
        ))}
        <p class="hidden-visually" role="status">
          {said.value}
        </p>
        <Legend />
      </div>
    </div>
  )
}

function titleOf(cards: readonly Card[]): string {
  const failing = cards.filter(isFailing).length
  return failing === 0 ? 'Dashboard' : `${failing} failing · Dashboard`
}

const Legend = (): preact.JSX.Element => (
  <div class={css.legend}>
    {states.map((state) => (
      <span key={state}>
        <StateIcon state={state} label="" still /> {state}
      </span>
    ))}
    <span>bar height: worse is taller</span>
  </div>
)
