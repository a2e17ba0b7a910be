import { useMemo, useRef } from 'preact/hooks'
import type { State } from '../parts/state.ts'
import { Canvas } from './Canvas.tsx'
import { NodeBox } from './NodeBox.tsx'
import { between, lit, pathOf, type Picture, type PictureLine } from './picture.ts'
import { nearest, type Direction } from './nearest.ts'
import css from './Graph.module.css'

/** How a node looks now; it changes without a new picture. */
export interface Look {
  readonly state: State | undefined
  /** Of its last build, where another runs. */
  readonly last?: State | undefined
  /** At its right: a build's number. */
  readonly note?: string
  /** All that a screen reader says of it: `unit, failed, after gate`. */
  readonly label: string
  readonly href: string
  /** A path, in a square of 24. */
  readonly icon?: string | undefined
  readonly pinned?: boolean
  /** It does not match what is looked for. */
  readonly faded?: boolean
}

export interface GraphProps {
  readonly picture: Picture
  /** Of the list that the picture is to a screen reader. */
  readonly label?: string
  readonly look: (key: string) => Look
  readonly selected: string | undefined
  readonly onSelect: (key: string | undefined) => void
  /** A node was clicked twice. */
  readonly onOpen: (key: string) => void
}

const directions: Readonly<Record<string, Direction>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }

/** A picture as a list of links in topological order, with lines; arrow keys go from link to link as they stand. */
export function Graph({ picture, label = 'Jobs, each behind those that it waits for', look, selected, onSelect, onOpen }: GraphProps): preact.JSX.Element {
  const list = useRef<SVGGElement>(null)
  const boxes = useMemo(() => new Map(picture.nodes.map(({ key, box }) => [key, box])), [picture])
  const marked = selected !== undefined && boxes.has(selected) ? lit(picture, selected) : undefined
  const focus = (key: string | undefined): void => {
    if (key !== undefined) list.current?.querySelector<SVGAElement>(`a[data-key=${CSS.escape(key)}]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = event.target instanceof SVGElement ? event.target.closest('a')?.getAttribute('data-key') : undefined
    const direction = directions[event.key]
    if (key === undefined || key === null || direction === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    focus(nearest(picture, key, direction))
  }
  return (
    <Canvas size={picture} onEmpty={() => onSelect(undefined)}>
      {picture.frames.map((box, index) => (
        <rect key={index} class={css.frame} x={box.x} y={box.y} width={box.width} height={box.height} rx="8" />
      ))}
      <g aria-hidden="true">
        <Lines lines={picture.lines} marked={marked?.lines} />
        {marked?.hidden.map(({ from, to }) => (
          <path key={`${from}>${to}`} class={`${css.line} ${css.lit} ${css.hidden}`} d={pathOf(between(boxes.get(from)!, boxes.get(to)!))} data-from={from} data-to={to} />
        ))}
      </g>
      {picture.captions.map(({ x, y, text }) => (
        <text key={text} class={css.caption} x={x} y={y}>
          {text}
        </text>
      ))}
      <g ref={list} role="list" aria-label={label} onKeyDown={onKeyDown}>
        {picture.nodes.map((node) => (
          <NodeBox key={node.key} node={node} look={look(node.key)} selected={node.key === selected} onSelect={onSelect} onOpen={onOpen} />
        ))}
      </g>
    </Canvas>
  )
}

/** Lit lines are drawn last, above the others. */
function Lines({ lines, marked }: { readonly lines: readonly PictureLine[]; readonly marked: ReadonlySet<PictureLine> | undefined }): preact.JSX.Element {
  const sorted = marked === undefined ? lines : lines.toSorted((a, b) => Number(marked.has(a)) - Number(marked.has(b)))
  return (
    <>
      {sorted.map((line) => {
        const on = marked?.has(line) === true
        return <path key={`${line.from[0]}>${line.to[0]}`} class={`${css.line} ${on ? css.lit : ''} ${line.dotted ? css.dotted : ''}`} d={pathOf(line.points)} data-from={line.from.join(' ')} data-to={line.to.join(' ')} />
      })}
    </>
  )
}
