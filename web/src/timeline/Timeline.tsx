import { useEffect, useRef } from 'preact/hooks'
import type { Step } from '../../../src/client/web-shapes.ts'
import { StateIcon } from '../parts/StateIcon.tsx'
import type { State } from '../parts/state.ts'
import { duration, laneOf, savedAhead, tookOf, type Scale } from './scale.ts'
import css from './Timeline.module.css'
import { hasOwnLog, stateOfStep, type Row } from './tree.ts'
import { shortWait, waitTexts } from './waits.ts'

export interface TimelineProps {
  readonly rows: readonly Row[]
  readonly steps: readonly Step[]
  readonly scale: Scale
  readonly now: number
  /** Of the build, ms, as its header says it. */
  readonly took: number | undefined
  readonly selected: string | undefined
  readonly onSelect: (step: string) => void
}

/** The steps of a build as a tree, and beside each when it was made ready, waited and ran. */
export function Timeline({ rows, steps, scale, now, took, selected, onSelect }: TimelineProps): preact.JSX.Element {
  const tree = useRef<HTMLDivElement>(null)
  const current = rows.findIndex(({ step }) => step.id === selected)
  const move = (to: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))]
    if (row === undefined) return
    onSelect(row.step.id)
    tree.current?.querySelectorAll<HTMLElement>('[role=treeitem]')[rows.indexOf(row)]?.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: rows.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    move(to)
  }
  const chosen = useRef<HTMLDivElement>(null)
  useEffect(() => chosen.current?.scrollIntoView({ block: 'nearest' }), [selected])
  const saved = savedAhead(steps, now)
  return (
    <section class={css.steps} aria-label="Steps">
      <div class={`${css.row} ${css.axis}`} aria-hidden="true">
        <span class={css.name}>step</span>
        <div class={css.lane}>
          {scale.ticks.map(({ at, label }) => (
            <span key={label} style={{ left: percent(at) }}>{label}</span>
          ))}
        </div>
        <span class={css.took}>took</span>
      </div>
      <div ref={tree} role="tree" aria-label="Steps">
        {rows.map((row, index) => {
          const isSelected = row.step.id === selected
          return (
            <div key={row.step.id} {...(isSelected && { ref: chosen })} class={`${css.row} ${isSelected ? css.selected : ''}`} role="treeitem" aria-level={row.level} aria-selected={isSelected} tabIndex={isSelected || (current < 0 && index === 0) ? 0 : -1} data-step={row.step.id} data-state={row.step.state} onClick={() => onSelect(row.step.id)} onKeyDown={onKeyDown}>
              <Name row={row} />
              <LaneOf step={row.step} scale={scale} now={now} />
              <span class={css.took}>{tookText(row.step, now)}</span>
              {isSelected && <Reasons step={row.step} now={now} />}
            </div>
          )
        })}
      </div>
      <Legend steps={steps} />
      {saved > 0 && <p class={css.legend}>{`Preparing ahead saved about ${duration(saved)} of ${duration(took ?? scale.ms)}.`}</p>}
    </section>
  )
}

function Name({ row: { step, level, kind, name, note } }: { readonly row: Row }): preact.JSX.Element {
  const state: State = stateOfStep(step.state)
  return (
    <span class={css.name} style={{ paddingLeft: `${8 + (Math.min(level, 8) - 1) * 16}px` }} title={[kind, name, note].filter((part) => part !== '').join(' ')}>
      <StateIcon state={state} label={step.state} />
      <span class={css.kind}>{kind}</span>
      {name !== '' && <b>{name}</b>}
      {note !== '' && <span class={css.note}>{note}</span>}
    </span>
  )
}

function LaneOf({ step, scale, now }: { readonly step: Step; readonly scale: Scale; readonly now: number }): preact.JSX.Element {
  const { prepare, ready, ran, waits } = laneOf(step, scale, now)
  const place = ({ from, to }: { readonly from: number; readonly to: number }) => ({ left: percent(from), width: percent(to - from) })
  return (
    <div class={css.lane}>
      {scale.ticks.map(({ at }) => (
        <i key={at} class={css.tick} style={{ left: percent(at) }} />
      ))}
      {!holdsOthers(step.kind) && waits.map((wait, index) => (
        <i key={`wait${index}`} class={css.wait} style={place(wait)} title={`waited ${duration(wait.ms)}: ${wait.message}`} />
      ))}
      {prepare !== undefined && <i class={css.prepare} style={place(prepare)} title="its container was made ready" />}
      {ready !== undefined && <i class={css.ready} style={place(ready)} title="ready, its turn not yet come" />}
      {ran !== undefined && !holdsOthers(step.kind) && <i class={`${css.ran} ${css[stateOfStep(step.state)]}`} style={place(ran)} />}
    </div>
  )
}

/** Why it waited, for who has no mouse to point at a line. The focus selects. */
function Reasons({ step, now }: { readonly step: Step; readonly now: number }): preact.JSX.Element | null {
  const texts = holdsOthers(step.kind) ? [] : waitTexts(step, now)
  return texts.length === 0 ? null : (
    <span class={css.reasons}>
      {texts.map((text) => <span key={text} title={text}>{shortWait(text, step.image)}</span>)}
    </span>
  )
}

function Legend({ steps }: { readonly steps: readonly Step[] }): preact.JSX.Element | null {
  const any = (what: (step: Step) => boolean): boolean => steps.some(what)
  const wait = steps.flatMap(({ waits, image }) => waits.map(({ message, from, to = from }) => ({ message, image, ms: to - from }))).toSorted((a, b) => b.ms - a.ms)[0]
  return (
    <div class={css.legend}>
      {any(({ t }) => t.prepare !== undefined) && <span><i class={`${css.key} ${css.prepare}`} />made ready (pull, place, start)</span>}
      {any(({ t }) => t.ready !== undefined && (t.turn ?? Infinity) > t.ready) && <span><i class={`${css.key} ${css.ready}`} />ready, its turn not yet come</span>}
      {wait !== undefined && <span title={wait.message}><i class={`${css.key} ${css.wait}`} />{`waited: ${short(shortWait(wait.message, wait.image))}`}</span>}
      <span><i class={`${css.key} ${css.ran} ${css['succeeded']}`} />ran</span>
    </div>
  )
}

const longest = 120
const short = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text)

function tookText(step: Step, now: number): string {
  const ms = tookOf(step, now)
  return ms === undefined ? (step.state === 'pending' ? '—' : '') : duration(ms)
}

/** Its bar would be those of its steps again. */
const holdsOthers = (kind: string): boolean => !hasOwnLog(kind)

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`
