import { useState } from 'preact/hooks'
import type { Card } from '../../api/types.ts'
import { Dialog } from '../../parts/Dialog.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { states } from '../../parts/state.ts'
import { shownVars } from '../../routes/instance-vars.ts'
import type { JsonObject } from '../../../../src/model/json.ts'
import { findEntries, type Entry } from '../../search/palette.ts'
import { go, href } from '../../store/navigation.ts'
import { useTopic } from '../../store/use-topic.ts'
import { keyHelpIsOpen } from '../KeyHelp.tsx'
import css from './Palette.module.css'

const fixed: readonly Entry[] = [
  { title: 'Dashboard', where: 'page', url: '/' },
  { title: 'Builds that run', where: 'page', url: '/builds?status=started' },
  { title: 'Builds that wait', where: 'page', url: '/builds?status=pending' },
  { title: 'Recent builds', where: 'page', url: '/builds' },
]

/** Leads to anything by its name; ARIA's combobox in a dialog. */
export function Palette({ onClose }: { readonly onClose: () => void }): preact.JSX.Element {
  const topic = useTopic<Card>('dashboard')
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const found = findEntries(text, [...fixed, ...(topic.kind === 'ready' ? topic.items.map(entryOf) : [])])
  const open = (entry: Entry | undefined): void => {
    if (entry === undefined) return
    onClose()
    go(entry.url)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (found.length > 0) setAt((at + (event.key === 'ArrowDown' ? 1 : -1) + found.length) % found.length)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      open(found[at])
    }
  }
  return (
    <Dialog title="Search" onCancel={onClose}>
      <input
        class={css.input}
        role="combobox"
        aria-label="Search pipelines, pages and builds by id"
        aria-expanded={found.length > 0}
        aria-controls="palette-list"
        {...(found.length > 0 && { 'aria-activedescendant': `palette-${at}` })}
        autocomplete="off"
        spellcheck={false}
        placeholder="a pipeline, a page, or a build’s id"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="palette-list" class={css.list} role="listbox" aria-label="Found">
        {found.map((entry, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the input has the keys of a combobox
          <li key={entry.url} id={`palette-${index}`} role="option" aria-selected={index === at} onClick={() => open(entry)}>
            <Mark state={entry.state} />
            <span class={css.title}>{entry.title}</span>
            <span class={css.where}>{entry.where}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class={css.none}>Nothing has that name.</p>}
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

function Mark({ state }: { readonly state: string | undefined }): preact.JSX.Element {
  const known = states.find((one) => one === state)
  return known === undefined ? <span aria-hidden="true">›</span> : <StateIcon state={known} />
}

function entryOf({ name, vars, team, s }: Card): Entry {
  const instance = vars === undefined ? undefined : (vars as JsonObject)
  return {
    title: instance === undefined ? name : `${name}/${shownVars(instance)}`,
    where: `pipeline of team ${team}`,
    url: href({ page: 'pipeline', id: { team, pipeline: name, ...(instance !== undefined && { vars: instance }) }, groups: [] }),
    state: s,
  }
}
