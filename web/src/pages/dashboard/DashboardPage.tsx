import { signal } from '@preact/signals'
import { useState } from 'preact/hooks'
import type { Card } from '../../api/types.ts'
import { Command, Empty, Skeleton } from '../../parts/Notice.tsx'
import { useKeys } from '../../parts/use-keys.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { states, type State } from '../../parts/state.ts'
import { RefusedPage } from '../../shell/StatePages.tsx'
import { Heading } from '../../shell/Heading.tsx'
import { SetPipelineButton } from '../../shell/set-pipeline/SetPipelineButton.tsx'
import { now } from '../../store/now.ts'
import { favourites, toggleFavourite } from '../../store/favourites.ts'
import { href, replace } from '../../store/navigation.ts'
import { perform, refusalOf, type Action } from '../../store/action.ts'
import { pauseOrUnpausePipeline } from '../../store/pipeline-actions.ts'
import { useTopic } from '../../store/use-topic.ts'
import { loginUrl, mayCall, user } from '../../store/user.ts'
import type { PageProps } from '../registry.ts'
import { CardTile } from './CardTile.tsx'
import css from './DashboardPage.module.css'
import { OrderButton, said, useMoving } from './moving.tsx'
import { FilterBox } from './FilterBox.tsx'
import { grouped, hasWord, idOf, isRunning, pipelines, shownCards, toggled, type Section, type Tile } from './model.ts'
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
  const search = route.search ?? ''
  const own = Object.keys(user.value?.teams ?? {})
  const shown = shownCards({ cards, search, archived: route.all === true, favourites: favourites.value, teams: own, now: now.value })
  const teams = [...new Set([...own, ...cards.map(({ team }) => team)])].toSorted((a, b) => Number(own.includes(b)) - Number(own.includes(a)) || (a < b ? -1 : 1))
  const [menu, setMenu] = useState(false)
  useKeys({ '/': ['go to the filter', () => document.getElementById('filter')?.focus()] })
  const setSearch = (text: string): void => {
    const { search: _, ...rest } = route
    replace({ ...rest, ...(text !== '' && { search: text }) })
  }
  const setView = (changes: { readonly dense?: boolean; readonly all?: boolean }): void => {
    const { dense = route.dense === true, all = route.all === true } = changes
    replace({ page: 'dashboard', ...(search !== '' && { search }), ...(all && { all: true as const }), ...(dense && { dense: true as const }) })
  }
  return (
    <div class={css.page}>
      {!route.hideUi && (
        <div class={css.side} data-open={menu}>
          <Sidebar cards={cards} favourites={favourites.value} teams={teams} />
        </div>
      )}
      <div class={css.content}>
        <div class={css.summary}>
          {!route.hideUi && (
            <button class={css.menu} aria-expanded={menu} onClick={() => setMenu(!menu)}>
              Menu
            </button>
          )}
          <Heading title={titleOf(cards)}>{shown.matching === shown.all ? pipelines(shown.all) : `${grouped(shown.matching)} of ${pipelines(shown.all)}`}</Heading>
          <Counts cards={cards} search={search} onToggle={(word) => setSearch(toggled(search, word))} />
          <span class={css.space} />
          <FilterBox value={search} names={{ teams, groups: [...new Set(cards.flatMap(({ vars, name }) => (vars === undefined ? [] : [name])))] }} problems={shown.problems} onChange={setSearch} />
          <button aria-pressed={route.dense === true} onClick={() => setView({ dense: route.dense !== true })}>
            Dense
          </button>
          {(route.all === true || cards.some(({ archived }) => archived === true)) && (
            <button aria-pressed={route.all === true} onClick={() => setView({ all: route.all !== true })}>
              Archived
            </button>
          )}
        </div>
        {cards.length === 0 && <NoPipelines />}
        {cards.length > 0 && shown.matching === 0 && (
          <Empty title="No pipeline matches the filter">
            <button onClick={() => setSearch('')}>Clear the filter</button>
          </Empty>
        )}
        {shown.sections.map((section) => (
          <Cards key={`${section.team === undefined} ${section.title}`} section={section} cards={cards} dense={route.dense === true} />
        ))}
        <p class="hidden-visually" role="status">
          {said.value}
        </p>
        <Legend />
      </div>
    </div>
  )
}

const titleOf = (cards: readonly Card[]): string => {
  const failing = cards.filter(({ s }) => s === 'failed' || s === 'errored').length
  return failing === 0 ? 'Dashboard' : `${failing} failing · Dashboard`
}

interface CountsProps {
  readonly cards: readonly Card[]
  readonly search: string
  readonly onToggle: (word: string) => void
}

/** How many are failing, errored, running, paused; each filters. */
function Counts({ cards, search, onToggle }: CountsProps): preact.JSX.Element {
  const active = cards.filter(({ archived }) => archived !== true)
  const of = (state: State): number => active.filter((card) => (state === 'running' ? isRunning(card) : card.s === state)).length
  const counted: readonly (readonly [State, string])[] = [['failed', 'failing'], ['errored', 'errored'], ['running', 'running'], ['paused', 'paused']]
  return (
    <>
      {counted.map(([state, word]) => {
        const count = of(state)
        const pressed = hasWord(search, `status:${state}`)
        if (count === 0 && !pressed) return null
        return (
          <button key={state} class={css.count} aria-pressed={pressed} onClick={() => onToggle(`status:${state}`)}>
            <StateIcon state={state} label="" />
            {`${grouped(count)} ${word}`}
          </button>
        )
      })}
    </>
  )
}

interface CardsProps {
  readonly section: Section
  readonly cards: readonly Card[]
  readonly dense: boolean
}

function Cards({ section, cards, dense }: CardsProps): preact.JSX.Element {
  const moving = useMoving(section, cards)
  return (
    <section aria-label={section.title}>
      <div class={css.head}>
        <h2 class={css.team}>
          {section.title} <span>{section.summary}</span>
        </h2>
        <span>
          {section.team !== undefined && mayCall(section.team, 'SaveConfig') && <SetPipelineButton label="New…" class={css.order} teams={[section.team]} />}
          {moving !== undefined && <OrderButton section={section} cards={cards} />}
        </span>
      </div>
      <ul class={`${css.grid} ${dense ? css.dense : ''}`}>
        {section.tiles.map((tile) => (
          <CardTile
            key={tile.key}
            tile={tile}
            href={href(tile.place)}
            dense={dense}
            favourite={tile.card !== undefined && favourites.value.has(tile.card.id)}
            pauseRefusal={tile.card === undefined ? undefined : refusalOf(pauseOf(tile.card))}
            busy={tile.card !== undefined && busy.value.has(tile.card.id)}
            onFavourite={favour}
            onPause={pauseNow}
            moving={moving}
          />
        ))}
      </ul>
    </section>
  )
}

/** Ids of pipelines whose pause the server has not answered yet. */
const busy = signal<ReadonlySet<number>>(new Set())

const pauseOf = (card: Card): Action => pauseOrUnpausePipeline({ id: idOf(card), paused: card.s === 'paused', archived: card.archived === true })

function favour({ card }: Tile): void {
  if (card !== undefined) toggleFavourite(card.id)
}

async function pause({ card }: Tile): Promise<void> {
  if (card === undefined || busy.value.has(card.id)) return
  const action = pauseOf(card)
  if (refusalOf(action) !== undefined) return
  busy.value = new Set([...busy.value, card.id])
  await perform(action)
  busy.value = new Set([...busy.value].filter((id) => id !== card.id))
}

const pauseNow = (tile: Tile): void => void pause(tile)

/** Teams whose pipelines the person may set. */
const teamsToSet = (): readonly string[] => Object.keys(user.value?.actions ?? {}).filter((team) => mayCall(team, 'SaveConfig')).toSorted()

function NoPipelines(): preact.JSX.Element {
  if (user.value === undefined) {
    return (
      <Empty title="No pipeline is public">
        <p>Sign in to see those of your teams.</p>
        <a class="button primary" href={loginUrl()}>
          Sign in
        </a>
      </Empty>
    )
  }
  const mine = teamsToSet()
  return (
    <Empty title="Set the first pipeline">
      {mine.length > 0 && <SetPipelineButton label="Set a pipeline here" class="primary" teams={mine} />}
      <p>{mine.length > 0 ? 'Or with' : 'With'} airside, or with fly as you have it:</p>
      <Command>{`airside login --target ci ${location.origin}`}</Command>
      <Command>{`fly -t ci login -c ${location.origin}`}</Command>
      <Command>fly -t ci set-pipeline -p hello -c pipeline.yml</Command>
      <p>It appears here by itself.</p>
    </Empty>
  )
}

const Legend = (): preact.JSX.Element => (
  <div class={css.legend}>
    {states.map((state) => (
      <span key={state}>
        <StateIcon state={state} label="" /> {state}
      </span>
    ))}
    <span>bar height: worse is taller</span>
  </div>
)
