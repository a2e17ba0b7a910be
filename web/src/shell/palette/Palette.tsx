import { useEffect, useState } from 'preact/hooks'
import type { Card, Found } from '../../api/types.ts'
import { Dialog } from '../../parts/Dialog.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus, states } from '../../parts/state.ts'
import { shownVars } from '../../routes/instance-vars.ts'
import type { JsonObject } from '../../../../src/model/json.ts'
import { offeredKeys } from '../../parts/keys.ts'
import { offered } from '../../parts/offered.ts'
import { offersChanged } from '../../parts/offers.ts'
import { groupsOf, idOf, type Deed, type Entry, type Place } from '../../search/palette.ts'
import { longestSearch, useSearch } from '../../store/found.ts'
import { go, href } from '../../store/navigation.ts'
import { useTopic } from '../../store/use-topic.ts'
import { keyHelpIsOpen } from '../KeyHelp.tsx'
import css from './Palette.module.css'

const fixed: readonly Place[] = [
  { kind: 'place', title: 'Dashboard', where: 'page', url: '/' },
  { kind: 'place', title: 'Builds that run', where: 'page', url: '/builds?status=started' },
  { kind: 'place', title: 'Builds that wait', where: 'page', url: '/builds?status=pending' },
  { kind: 'place', title: 'Recent builds', where: 'page', url: '/builds' },
]

/** Leads to anything by its name, and does what the page can do; ARIA's combobox in a dialog. */
export function Palette({ onClose }: { readonly onClose: (next?: () => void) => void }): preact.JSX.Element {
  const topic = useTopic<Card>('dashboard')
  const [text, setText] = useState('')
  // By what it is: an answer of the server that comes moves entries, and must not change what Enter opens.
  const [chosen, setChosen] = useState<string>()
  const search = useSearch(text)
  /** What Enter was typed for while not all was known of it. */
  const [entered, setEntered] = useState<string>()
  const unknown = search.behind && search.problem === undefined
  const own = topic.kind === 'ready' ? topic.items.map(entryOf) : []
  // All pipelines that the server may find are on the dashboard.
  const fromServer = search.found?.filter(({ kind }) => kind !== 'pipeline' || topic.kind !== 'ready').map(entryOfFound)
  const groups = groupsOf(text, [...deeds(), ...fixed, ...own], fromServer)
  const entries = groups.flatMap((group) => group.entries)
  // While nothing is typed, Enter alone does nothing.
  const at = chosen === undefined && text.trim() === '' ? -1 : Math.max(0, entries.findIndex((entry) => idOf(entry) === chosen))
  const open = (entry: Entry | undefined): void => {
    if (entry === undefined || (entry.kind === 'deed' && entry.refusal !== undefined)) return
    onClose(entry.kind === 'place' ? () => go(entry.url) : entry.run)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const next = event.key === 'ArrowDown' ? entries[(at + 1) % entries.length] : entries.at(at <= 0 ? -1 : at - 1)
      if (next !== undefined) setChosen(idOf(next))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      const first = entries[at]
      // A name that is still looked for stands before a deed: what Enter does must not depend on how soon the answer is there.
      if (chosen === undefined && first?.kind === 'deed' && unknown) setEntered(text)
      else open(first)
    }
  }
  useEffect(() => {
    if (entered === undefined || unknown) return
    setEntered(undefined)
    if (entered === text) open(entries[at])
  }, [entered, unknown])
  useEffect(() => document.getElementById(`palette-${at}`)?.scrollIntoView({ block: 'nearest' }), [chosen])
  return (
    <Dialog title="Search" onCancel={() => onClose()}>
      <input
        class={css.input}
        role="combobox"
        aria-label="Search pipelines, jobs, resources, versions, builds, pages and actions"
        aria-expanded={entries.length > 0}
        aria-controls="palette-list"
        {...(at >= 0 && entries.length > 0 && { 'aria-activedescendant': `palette-${at}` })}
        autocomplete="off"
        spellcheck={false}
        placeholder="name, unit #318, build id, version"
        maxLength={longestSearch}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setChosen(undefined)
        }}
        onKeyDown={onKeyDown}
      />
      <div id="palette-list" class={css.list} role="listbox" aria-label="Found">
        {groups.map((group) => (
          <ul key={group.kind} role="group" aria-label={titles[group.kind]}>
            <li class={css.group} role="presentation" aria-hidden="true">{titles[group.kind]}</li>
            {group.entries.map((entry) => (
              <Option key={idOf(entry)} entry={entry} index={entries.indexOf(entry)} chosen={entries.indexOf(entry) === at} onOpen={open} />
            ))}
          </ul>
        ))}
      </div>
      <p class={css.none} role="status">
        {search.problem === undefined ? (entries.length > 0 ? '' : search.behind ? 'Searching…' : 'Nothing that you may see is called so.') : `Jobs, resources, versions and builds could not be searched: ${search.problem}`}
      </p>
      {/* The top bar of a narrow window has no place for it. */}
      <button class={css.keys} aria-haspopup="dialog" onClick={() => {
        onClose()
        keyHelpIsOpen.value = true
      }}>
        Keys of this page
      </button>
    </Dialog>
  )
}

const titles = { place: 'Go to', deed: 'Do on this page' } as const satisfies Record<Entry['kind'], string>

interface OptionProps {
  readonly entry: Entry
  readonly index: number
  readonly chosen: boolean
  readonly onOpen: (entry: Entry) => void
}

const Option = ({ entry, index, chosen, onOpen }: OptionProps): preact.JSX.Element => (
  // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the input has the keys of a combobox
  <li id={`palette-${index}`} role="option" aria-selected={chosen} aria-disabled={entry.kind === 'deed' && entry.refusal !== undefined} onClick={() => onOpen(entry)}>
    {entry.kind === 'place' ? <Mark state={entry.state} /> : <span aria-hidden="true">▸</span>}
    <span class={css.title}>{entry.title}</span>
    <span class={css.where}>{entry.kind === 'place' ? entry.where : (entry.refusal ?? 'on this page')} {entry.kind === 'deed' && entry.typed !== undefined && <kbd>{entry.typed}</kbd>}</span>
  </li>
)

/** What the page that is behind the palette can do: its buttons, and what else its keys do. */
function deeds(): readonly Deed[] {
  void offersChanged.value
  const buttons = offered().map((offer): Deed => ({ kind: 'deed', typed: undefined, ...offer }))
  const known = new Set(buttons.map(({ typed }) => typed))
  const keys = offeredKeys().filter(({ typed }) => !known.has(typed))
  return [...buttons, ...keys.map(({ typed, does, call }): Deed => ({ kind: 'deed', title: does, refusal: undefined, typed, run: call }))]
}

function Mark({ state }: { readonly state: string | undefined }): preact.JSX.Element {
  const known = states.find((one) => one === state)
  return known === undefined ? <span aria-hidden="true">›</span> : <StateIcon state={known} />
}

function entryOf({ name, vars, team, s }: Card): Place {
  const instance = vars === undefined ? undefined : (vars as JsonObject)
  return {
    kind: 'place',
    title: instance === undefined ? name : `${name}/${shownVars(instance)}`,
    where: `pipeline of team ${team}`,
    url: href({ page: 'pipeline', id: { team, pipeline: name, ...(instance !== undefined && { vars: instance }) }, groups: [] }),
    state: s,
  }
}

const entryOfFound = ({ title, where, url, status }: Found): Place => ({ kind: 'place', title, where, url, ...(status !== undefined && { state: stateOfStatus(status) }) })
