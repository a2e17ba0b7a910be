import { Segments } from './Segments.tsx'
import type { ShownLine } from './protocol.ts'
import css from './LogPane.module.css'

export interface LogRowProps {
  readonly shown: ShownLine
  /** What stands in the column of times; undefined: there is none. */
  readonly time: string | undefined
  readonly selected: boolean
  readonly href: string
  readonly onNumber: (event: MouseEvent, line: number) => void
  readonly onFold: (line: number, closed: boolean) => void
}

/** A line of the log, or of a very long one the part that is seen. */
export function LogRow({ shown, time, selected, href, onNumber, onFold }: LogRowProps): preact.JSX.Element {
  const { line, rows, segments, error, fold, cut } = shown
  return (
    <div class={`${css.line} ${selected ? css.selected : error ? css.error : ''}`} data-line={line} style={{ '--rows': rows }}>
      <a class={css.number} href={href} tabIndex={-1} aria-label={`line ${line}`} data-number={line} onClick={(event) => onNumber(event, line)} />
      {time !== undefined && <span class={css.time}>{time}</span>}
      <span class={css.text}>
        {fold !== undefined && (
          <button class={css.fold} aria-expanded={!fold.closed} aria-label={`${fold.closed ? 'open' : 'fold'} ${fold.lines} lines`} onClick={() => onFold(line, !fold.closed)}>
            {fold.closed ? '▸' : '▾'}
          </button>
        )}
        <Segments segments={segments} />
        {fold?.closed === true && <span class={css.note}>{` ${fold.lines} lines`}</span>}
        {cut && <span class={css.note}> … the line goes on; the download has all of it</span>}
      </span>
    </div>
  )
}
