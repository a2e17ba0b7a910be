import { fittedName } from '../parts/fitted-name.ts'
import type { Look } from './Graph.tsx'
import type { PictureNode } from './picture.ts'
import css from './Graph.module.css'

export interface NodeBoxProps {
  readonly node: PictureNode
  readonly look: Look
  readonly selected: boolean
  readonly onSelect: (key: string) => void
  readonly onOpen: (key: string) => void
}

const mostOfName = { job: 21, resource: 20 } as const

export function NodeBox({ node, look, selected, onSelect, onOpen }: NodeBoxProps): preact.JSX.Element {
  const { key, kind, name, box } = node
  const click = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    onSelect(key)
  }
  const top = box.height / 2
  const beside = look.state === undefined ? 12 : 34
  const left = look.icon === undefined ? beside : beside + 22
  return (
    <g role="listitem">
      <a
        class={`${css.node} ${css[kind] ?? ''} ${look.faded === true ? css.faded : ''} ${selected ? css.selected : ''} ${(look.state && css[look.state]) ?? ''}`}
        href={look.href}
        data-key={key}
        aria-label={look.label}
        aria-current={selected ? 'true' : undefined}
        onClick={click}
        onDblClick={() => onOpen(key)}
      >
        <g transform={`translate(${box.x},${box.y})`}>
          <title>{name}</title>
          <rect class={css.box} width={box.width} height={box.height} rx={kind === 'job' ? 6 : box.height / 2 > 13 ? 10 : 13} />
          {kind === 'job' && <rect class={css[`last-${look.last ?? (look.state === 'pending' ? 'none' : (look.state ?? 'none'))}`]} x="0.7" y="0.7" width="5" height={box.height - 1.4} rx="2.5" />}
          {look.state !== undefined && <use class={css[`icon-${look.state}`]} href={`#state-${look.state}`} x="12" y={top - 8} width="16" height="16" />}
          {look.icon !== undefined && <path class={css.icon} transform={`translate(${beside - 1},${top - 8}) scale(${16 / 24})`} d={look.icon} />}
          <text x={left} y={top + 4.5}>
            {fittedName(name, mostOfName[kind] - (look.pinned === true ? 2 : 0) - (look.icon === undefined ? 0 : 3))}
          </text>
          {look.note !== undefined && (
            <text class={css.note} x={box.width - 8} y={top + 4} text-anchor="end">
              {look.note}
            </text>
          )}
          {look.pinned === true && <path class={css.pin} transform={`translate(${box.width - 22},${top - 8})`} d="M6 1h4v5l2 3H9v6l-1 1-1-1V9H4l2-3z" />}
        </g>
      </a>
    </g>
  )
}
