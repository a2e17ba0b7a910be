import type { Card } from '../../api/types.ts'
import type { State } from '../../parts/state.ts'
import { shownVars } from '../../routes/instance-vars.ts'
import type { PipelineId, Place } from '../../routes/route.ts'
import type { JsonObject } from '../../../../src/model/json.ts'
import { parseFilter, type Filterable } from '../../search/language.ts'
import { matches } from '../../search/match.ts'
import { sentence } from './sentence.ts'

/** One card on the page: a pipeline, or a group of instances with one name. */
export interface Tile {
  readonly key: string
  readonly team: string
  readonly name: string
  /** After the name: `× 41`, or the vars of an instance. */
  readonly detail: string
  readonly state: State
  readonly running: boolean
  readonly jobs: string
  readonly sentence: string
  readonly public: boolean
  readonly archived: boolean
  readonly place: Place
  /** Absent: a group, which has neither pause nor favourite. */
  readonly card?: Card
}

export interface Section {
  readonly title: string
  /** Absent: favourites, of any team. */
  readonly team?: string
  readonly summary: string
  readonly tiles: readonly Tile[]
}

export interface Shown {
  readonly sections: readonly Section[]
  /** Pipelines of all, and those under the filter. */
  readonly all: number
  readonly matching: number
  readonly problems: readonly string[]
}

export interface Asked {
  readonly cards: readonly Card[]
  readonly search: string
  /** Archived ones too. */
  readonly archived: boolean
  readonly favourites: ReadonlySet<number>
  /** Teams of the person, which come first. */
  readonly teams: readonly string[]
  readonly now: number
}

export const isRunning = ({ jobs }: Card): boolean => /[A-Z]/.test(jobs)
const isFailing = ({ s }: Card): boolean => s === 'failed' || s === 'errored'

export const idOf = ({ team, name, vars }: Card): PipelineId => ({ team, pipeline: name, ...(vars !== undefined && { vars: vars as JsonObject }) })

export function shownCards({ cards, search, archived, favourites, teams, now }: Asked): Shown {
  const wanted = cards.filter((card) => archived || card.archived !== true)
  const filter = parseFilter(search)
  const matching = wanted.filter((card) => matches(filter, filterable(card, favourites), now))
  const open = filter.clauses.some(({ not, term }) => !not && term.kind === 'group')
  const order = [...new Set(matching.map(({ team }) => team))].toSorted((a, b) => Number(teams.includes(b)) - Number(teams.includes(a)) || (a < b ? -1 : 1))
  const favourite = matching.filter(({ id }) => favourites.has(id))
  const sections = order.map((team) => {
    const own = matching.filter((card) => card.team === team).toSorted((a, b) => a.pos - b.pos)
    return { title: team, team, summary: summaryOf(own), tiles: tilesOf(own, open, now) }
  })
  return {
    sections: favourite.length === 0 ? sections : [{ title: 'Favourites', summary: '', tiles: favourite.map((card) => tileOf(card, now)) }, ...sections],
    all: wanted.length,
    matching: matching.length,
    problems: filter.problems,
  }
}

const filterable = (card: Card, favourites: ReadonlySet<number>): Filterable => ({
  name: card.name,
  team: card.team,
  state: card.s,
  running: isRunning(card),
  public: card.public === true,
  favourite: favourites.has(card.id),
  jobs: card.n.job === undefined ? [] : [card.n.job],
  groups: card.vars === undefined ? [] : [card.name],
  ...(isFailing(card) && card.n.at !== undefined && { failingSince: card.n.at }),
})

export function summaryOf(cards: readonly Card[]): string {
  const count = (test: (card: Card) => boolean): number => cards.filter(test).length
  const failing = count(({ s }) => s === 'failed')
  const errored = count(({ s }) => s === 'errored')
  const running = count(isRunning)
  const parts = [failing > 0 && `${failing} failing`, errored > 0 && `${errored} errored`, running > 0 && `${running} running`].filter((part) => part !== false)
  const green = cards.every(({ s }) => s === 'succeeded')
  return [pipelines(cards.length), ...(parts.length > 0 ? parts : green ? ['all green'] : [])].join(' · ')
}

/** `1 000 pipelines`. */
export const pipelines = (count: number): string => `${grouped(count)} ${count === 1 ? 'pipeline' : 'pipelines'}`
export const grouped = (count: number): string => count.toLocaleString('en').replaceAll(',', '\u00a0')

/** Instances of one name become one card, unless the filter asks for a group. */
function tilesOf(cards: readonly Card[], open: boolean, now: number): Tile[] {
  const groups = Map.groupBy(cards, (card) => (card.vars === undefined || open ? card.id : `group ${card.name}`))
  return [...groups.values()].map((members) => {
    const [first] = members as [Card]
    return first.vars === undefined || open ? tileOf(first, now) : groupTile(first, members, now)
  })
}

function tileOf(card: Card, now: number): Tile {
  return {
    key: `${card.id}`,
    team: card.team,
    name: card.name,
    detail: card.vars === undefined ? '' : shownVars(card.vars as JsonObject),
    state: card.s,
    running: isRunning(card),
    jobs: card.jobs,
    sentence: sentence(card, now),
    public: card.public === true,
    archived: card.archived === true,
    place: { page: 'pipeline', id: idOf(card), groups: [] },
    card,
  }
}

const badFirst: readonly State[] = ['failed', 'errored', 'aborted', 'running', 'pending', 'paused', 'succeeded']

export const worstOf = (cards: readonly Card[]): State => badFirst.find((state) => cards.some(({ s }) => s === state)) ?? 'pending'

function groupTile({ team, name }: Card, members: readonly Card[], now: number): Tile {
  const failing = members.filter(isFailing).length
  const char = (card: Card): string => {
    const one = { succeeded: 's', failed: 'f', errored: 'e', aborted: 'a', pending: 'p', running: 's', paused: '.' }[card.s]
    return isRunning(card) ? one.toUpperCase() : one
  }
  const [only] = members
  return {
    key: `group ${team} ${name}`,
    team,
    name,
    detail: `× ${members.length}`,
    state: worstOf(members),
    running: members.some(isRunning),
    jobs: members.map(char).join(''),
    sentence: members.length === 1 && only !== undefined ? `1 instance, ${sentence(only, now)}` : `${members.length} instances${failing > 0 ? `, ${failing} failing` : ''}`,
    public: members.every((card) => card.public === true),
    archived: members.every((card) => card.archived === true),
    place: { page: 'dashboard', search: `team:"${team}" group:"${name}"` },
  }
}

/** A filter with a word added, or taken out where it stands. */
export function toggled(search: string, word: string): string {
  const words = search.split(/\s+/).filter((one) => one !== '')
  return (words.includes(word) ? words.filter((one) => one !== word) : [...words, word]).join(' ')
}

export const hasWord = (search: string, word: string): boolean => search.split(/\s+/).includes(word)
