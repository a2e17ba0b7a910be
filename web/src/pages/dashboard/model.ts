import type { Card } from '../../api/types.ts'
import { sameProperties } from '../../parts/memo.ts'
import { worstFirst, type State } from '../../parts/state.ts'
import { shownVars } from '../../routes/instance-vars.ts'
import type { PipelineId } from '../../routes/route.ts'
import type { JsonObject } from '../../../../src/model/json.ts'
import { parseFilter, type Filterable } from '../../search/language.ts'
import { matches } from '../../search/match.ts'
import { isFailing, isRunning, summaryOf } from './counts.ts'
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
  /** Absent: a group, which has neither pause nor favourite. */
  readonly card?: Card
}

export interface Section {
  readonly title: string
  /** Absent: favourites, of any team. */
  readonly team?: string
  readonly summary: string
  /** All that are in the page, in their order: the filter hides some, so that none is made anew with a letter less. */
  readonly tiles: readonly Tile[]
  /** Those under the filter. */
  readonly shown: readonly Tile[]
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

export const idOf = ({ team, name, vars }: Card): PipelineId => ({ team, pipeline: name, ...(vars !== undefined && { vars: vars as JsonObject }) })

export function shownCards({ cards, search, archived, favourites, teams, now }: Asked): Shown {
  const wanted = cards.filter((card) => archived || card.archived !== true)
  const filter = parseFilter(search)
  const matching = new Set(filter.clauses.length === 0 ? wanted : wanted.filter((card) => matches(filter, filterable(card, favourites), now)))
  const opened = filter.clauses.some(({ not, term }) => !not && term.kind === 'group')
  const byTeam = Map.groupBy(wanted, ({ team }) => team)
  const sections = teamsInOrder(byTeam.keys(), teams).map((team) => {
    const own = (byTeam.get(team) ?? []).toSorted((a, b) => a.pos - b.pos)
    return { title: team, team, summary: summaryOf(own.filter((card) => matching.has(card))), ...tilesOf(own, { matching, opened, now }) }
  })
  const favourite = wanted.filter(({ id }) => favourites.has(id))
  const tiles = favourite.map((card) => tileOf(card, now))
  const shown = tiles.filter(({ card }) => card !== undefined && matching.has(card))
  return {
    sections: favourite.length === 0 ? sections : [{ title: 'Favourites', summary: '', tiles, shown }, ...sections],
    all: wanted.length,
    matching: matching.size,
    problems: filter.problems,
  }
}

/** Each once: those of the person first, then by name. */
export const teamsInOrder = (teams: Iterable<string>, own: readonly string[]): readonly string[] =>
  [...new Set(teams)].toSorted((a, b) => Number(own.includes(b)) - Number(own.includes(a)) || (a < b ? -1 : 1))

const filterable = (card: Card, favourites: ReadonlySet<number>): Filterable => ({
  name: card.name,
  team: card.team,
  state: card.s,
  running: isRunning(card),
  public: card.public === true,
  favourite: favourites.has(card.id),
  pinned: card.pinned === true,
  'check-failing': card.checks !== undefined,
  jobs: card.names?.split('\n') ?? [],
  groups: card.vars === undefined ? [] : [card.name],
  ...(isFailing(card) && card.n.at !== undefined && { failingSince: card.n.at }),
})

interface Matching {
  readonly matching: ReadonlySet<Card>
  /** The filter asks for a group: its instances are cards of their own. */
  readonly opened: boolean
  readonly now: number
}

/** Instances of one name are one card, which tells of those under the filter. */
function tilesOf(cards: readonly Card[], { matching, opened, now }: Matching): Pick<Section, 'tiles' | 'shown'> {
  const tiles: Tile[] = []
  const shown: Tile[] = []
  for (const members of Map.groupBy(cards, (card) => (card.vars === undefined ? card.id : card.name)).values()) {
    const [first] = members as [Card]
    const wanted = members.filter((card) => matching.has(card))
    const own = first.vars === undefined ? [tileOf(first, now)] : opened && wanted.length > 0 ? wanted.map((card) => tileOf(card, now)) : [groupTile(first, wanted.length > 0 ? wanted : members, now)]
    tiles.push(...own)
    if (wanted.length > 0) shown.push(...own)
  }
  return { tiles, shown }
}

/** A card that is the same, and says the same, is the same tile, which is not drawn again: a topic replaces the cards that have changed, and no other. */
const tiles = new WeakMap<Card, { readonly tile: Tile; readonly now: number }>()
/** By the first card of the group. */
const groupTiles = new WeakMap<Card, Tile>()

function tileOf(card: Card, now: number): Tile {
  const known = tiles.get(card)
  if (known?.now === now) return known.tile
  const text = sentence(card, now)
  const tile: Tile = known?.tile.sentence === text ? known.tile : {
    key: `${card.id}`,
    team: card.team,
    name: card.name,
    detail: card.vars === undefined ? '' : shownVars(card.vars as JsonObject),
    state: card.s,
    running: isRunning(card),
    jobs: card.jobs,
    sentence: text,
    public: card.public === true,
    archived: card.archived === true,
    card,
  }
  tiles.set(card, { tile, now })
  return tile
}

export const worstOf = (cards: readonly Card[]): State => worstFirst.find((state) => cards.some(({ s }) => s === state)) ?? 'pending'

function groupTile(first: Card, members: readonly Card[], now: number): Tile {
  const { team, name } = first
  const failing = members.filter(isFailing).length
  const char = (card: Card): string => {
    const one = card.s === 'paused' ? '.' : card.s === 'running' ? 's' : card.s.charAt(0)
    return isRunning(card) ? one.toUpperCase() : one
  }
  const [only] = members
  const tile: Tile = {
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
  }
  const known = groupTiles.get(first)
  if (known !== undefined && sameProperties(known, tile)) return known
  groupTiles.set(first, tile)
  return tile
}

/** A filter with a word added, or taken out where it stands. */
export function toggled(search: string, word: string): string {
  const words = search.split(/\s+/).filter((one) => one !== '')
  return (words.includes(word) ? words.filter((one) => one !== word) : [...words, word]).join(' ')
}

export const hasWord = (search: string, word: string): boolean => search.split(/\s+/).includes(word)
