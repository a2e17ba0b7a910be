import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { LogClient } from './client.ts'
import { foot } from './foot.ts'
import css from './LogPane.module.css'
import { LogRow } from './LogRow.tsx'
import { LogTools } from './LogTools.tsx'
import type { Found, Place, Selection, ShownLine, State } from './protocol.ts'
import { contentHeight, offsetOf, scrollTopOf, topRow, type Scroll } from './scroll.ts'
import { timeOf, type TimeKind } from './times.ts'
import { useColumns } from './use-columns.tsx'
import { useKeys } from '../parts/use-keys.tsx'

const rowHeight = 19
/** Rows above and below those that are seen, against gaps while scrolling. */
const margin = 15
/** Never more lines in the page. */
const mostRows = 120

export interface LogPaneProps {
  readonly client: LogClient
  readonly step: string
  /** What the worker has of the step; undefined until it says. */
  readonly state: State | undefined
  /** More may come. */
  readonly running: boolean
  /** The server tells of what comes. */
  readonly live: boolean
  /** What went wrong is what somebody wants to see first. */
  readonly failed: boolean
  /** Unix ms when the step began: times are shown from there. */
  readonly began: number | undefined
  readonly selection: Selection | undefined
  readonly onSelect: (selection: Selection | undefined) => void
  readonly hrefOf: (selection: Selection) => string
  readonly query: string
  readonly onQuery: (query: string) => void
  /** Why there is no log, in a sentence. */
  readonly empty: string
  readonly download: (() => void) | undefined
}

/** The log of a step: only the rows that are seen are in the page. */
export function LogPane(props: LogPaneProps): preact.JSX.Element {
  const { client, step, state, running, selection, onSelect, hrefOf } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [wrap, setWrap] = useStored<'on' | 'off'>('airside.log.wrap', 'on')
  const [times, setTimes] = useStored<TimeKind>('airside.log.times', 'step')
  const [shown, setShown] = useState<{ readonly lines: readonly ShownLine[]; readonly offset: number }>({ lines: [], offset: 0 })
  const [follow, setFollow] = useState(running && selection === undefined)
  const [found, setFound] = useState<Found | undefined>(undefined)
  const { columns, viewHeight, probe } = useColumns(scroller, times)
  const width = wrap === 'on' ? columns : 0
  const rows = state?.step === step ? state.rows : 0
  const scroll: Scroll = { rows, rowHeight, viewHeight }
  const latest = useRef(scroll)
  latest.current = scroll
  const known = useRef({ part: false })
  known.current = { part: state?.step === step && state.part }
  /** What the worker held when the page last looked: the step, the first line, and its rows. */
  const held = useRef({ step: '', first: 0, scroll })
  const asking = useRef({ busy: false, again: false })

  /** Asks for what is seen now, one question at a time: the last one counts. */
  const refresh = useCallback((): void => {
    const element = scroller.current
    if (element === null || asking.current.busy) {
      asking.current.again = true
      return
    }
    asking.current = { busy: true, again: false }
    const top = Math.max(0, Math.floor(topRow(latest.current, element.scrollTop)) - margin)
    const count = Math.min(mostRows, Math.ceil(latest.current.viewHeight / rowHeight) + 2 * margin)
    void client.ask({ kind: 'rows', top, count }).then(({ lines, part }) => {
      // Of the whole, while the page knows of the part alone: the state that tells of it follows, and what is seen stays.
      if (part === known.current.part) setShown({ lines: lines.slice(0, mostRows), offset: offsetOf(latest.current, lines[0]?.row ?? 0, element.scrollTop) })
      const { again } = asking.current
      asking.current = { busy: false, again: false }
      if (again) refresh()
    })
  }, [client])

  /** The line that stays at the top while lines above it are read or wrapped anew, until somebody scrolls: that of a link, or the one that was there, and so many of its rows above the top. */
  const anchor = useRef<{ readonly line: number; readonly by: number } | undefined>(undefined)
  /** What the last scrolling of ours came to. */
  const ownTop = useRef(0)
  const scrollTo = useCallback((row: number): void => {
    const element = scroller.current
    if (element === null) return
    setFollow(false)
    element.scrollTop = scrollTopOf(latest.current, Math.max(0, row))
    ownTop.current = element.scrollTop
    refresh()
  }, [refresh])
  /** Shows a line with a third of the view above it; again when a fold that was opened for it has made the log longer. */
  const goTo = useCallback(({ line, row }: Place): void => {
    const above = Math.max(0, Math.floor(latest.current.viewHeight / rowHeight / 3))
    anchor.current = { line, by: -above }
    scrollTo(row - above)
  }, [scrollTo])

  const showEnd = ({ lines, rows: all }: State): void => {
    anchor.current = { line: lines, by: 1 - Math.floor(latest.current.viewHeight / rowHeight) }
    scrollTo(all)
  }

  const untouched = useRef(true)
  /** While a part of the log alone is there: its first error, or its end, is shown until somebody scrolls. */
  const guessed = useRef<{ readonly line: number } | undefined>(undefined)
  useEffect(() => {
    untouched.current = selection === undefined && props.failed
    guessed.current = undefined
    anchor.current = selection && { line: selection.first, by: 0 }
    setFollow(running && selection === undefined)
  }, [step])
  useEffect(() => {
    if (columns === 0) return
    asking.current = { busy: false, again: false }
    if (!follow && scroller.current !== null && scroller.current.scrollTop > 0) anchor.current ??= { line: seenLine(), by: 0 }
    void client.ask({ kind: 'view', step, width })
  }, [client, step, width, columns === 0])

  // A worker that was ended for a slow search leaves questions without an answer.
  useEffect(() => {
    if (state === undefined) asking.current = { busy: false, again: false }
  }, [state === undefined])

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null || state?.step !== step) return
    // Lines above the one that is seen have come, or gone: a part of the log became the whole.
    if (state.first !== held.current.first && held.current.step === step && shown.lines.length > 0 && !follow) anchor.current ??= seenPlace(held.current.scroll)
    held.current = { step, first: state.first, scroll: latest.current }
    const at = anchor.current
    const unmoved = element.scrollTop < rowHeight || (at !== undefined && at === guessed.current && selection === undefined)
    if (untouched.current && unmoved && (state.ended || (state.part && guessed.current === undefined))) {
      untouched.current = !state.ended
      void client.ask({ kind: 'error', from: 1, by: 1 }).then((place) => {
        if (place !== undefined) goTo(place)
        else showEnd(state)
        guessed.current = state.part ? anchor.current : undefined
      })
      return
    } else if (at !== undefined && (state.lines >= at.line || state.ended)) {
      void client.ask({ kind: 'place', line: at.line }).then((place) => {
        if (place !== undefined && anchor.current === at) scrollTo(place.row + at.by)
        else refresh()
      })
      return
    } else if (follow) {
      element.scrollTop = element.scrollHeight
    }
    refresh()
  }, [state, follow, viewHeight])

  const lastTop = useRef(0)
  const onScroll = (): void => {
    const element = scroller.current
    if (element === null) return
    if (element.scrollTop < lastTop.current - 2 && element.scrollTop + element.clientHeight < element.scrollHeight - rowHeight) setFollow(false)
    lastTop.current = element.scrollTop
    // Where the content has become shorter than it was, the browser scrolls, not a person.
    const cut = element.scrollTop < ownTop.current && element.scrollTop + element.clientHeight >= element.scrollHeight - 1
    if (Math.abs(element.scrollTop - ownTop.current) > 1 && !cut) anchor.current = undefined
    refresh()
  }

  const seenPlace = (of: Scroll = latest.current): { readonly line: number; readonly by: number } => {
    const element = scroller.current
    const top = element === null ? 0 : topRow(of, element.scrollTop)
    const seen = shown.lines.find(({ row, rows: own }) => row + own > top)
    return { line: seen?.line ?? 1, by: seen === undefined ? 0 : Math.max(0, top - seen.row) }
  }
  const seenLine = (): number => seenPlace().line

  const take = (result: Found): void => {
    setFound(result)
    if (result.kind === 'found' && result.at !== undefined) goTo(result.at)
    else refresh()
  }
  const find = (text: string, regex: boolean): void => {
    props.onQuery(text)
    void client.find({ query: { text, regex }, from: seenLine() }).then(take)
  }
  const hit = (by: 1 | -1): void => void client.ask({ kind: 'hit', by }).then(take)
  const error = (by: 1 | -1): void => {
    const from = selection === undefined ? seenLine() : selection.first + by
    void client.ask({ kind: 'error', from, by }).then((place) => {
      if (place === undefined) return
      onSelect({ first: place.line, last: place.line })
      goTo(place)
    })
  }
  const link = (): string => {
    const line = seenLine()
    const chosen = selection ?? { first: line, last: line }
    if (selection === undefined) onSelect(chosen)
    return hrefOf(chosen)
  }
  const fold = (line: number, closed: boolean): void => void client.ask({ kind: 'fold', line, closed }).then(refresh)

  const onNumber = (event: MouseEvent, line: number): void => {
    if (event.metaKey || event.ctrlKey) return
    event.preventDefault()
    if (event.shiftKey && selection !== undefined) onSelect({ first: Math.min(selection.first, line), last: Math.max(selection.first, line) })
    else onSelect(selection?.first === line && selection.last === line ? undefined : { first: line, last: line })
  }

  const by = (pixels: number): void => scroller.current?.scrollBy({ top: pixels })
  useKeys({
    j: ['scroll the log down', () => by(rowHeight * 3)],
    k: ['scroll the log up', () => by(-rowHeight * 3)],
    G: ['go to the log’s end and follow it', () => setFollow(true)],
    gg: ['go to the log’s beginning', () => {
      anchor.current = undefined
      scrollTo(0)
    }],
    e: ['go to the next error', () => error(1)],
    E: ['go to the error before', () => error(-1)],
    n: ['go to the next hit', () => hit(1)],
    N: ['go to the hit before', () => hit(-1)],
    w: ['wrap long lines, or not', () => setWrap(wrap === 'on' ? 'off' : 'on')],
    t: ['change how times are shown', () => setTimes(nextTimes[times])],
  })

  // What the font made of lines that are not plain is told back, so that rows below are where they are looked for.
  const lines = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (width === 0 || lines.current === null) return
    const measured = shown.lines.flatMap((line, index) => {
      const element = lines.current?.children[index]?.querySelector(`.${css.text}`)
      if (!line.measure || element === undefined || element === null) return []
      const seen = Math.round(element.getBoundingClientRect().height / rowHeight)
      return seen > 0 && seen !== line.rows ? [{ line: line.line, rows: seen }] : []
    })
    if (measured.length === 0) return
    if (!follow) anchor.current ??= seenPlace()
    void client.ask({ kind: 'measured', lines: measured })
  }, [shown, width])

  const inSelection = (line: number): boolean => selection !== undefined && line >= selection.first && line <= selection.last
  return (
    <section class={css.pane} aria-label="Log">
      <LogTools {...{ find, hit, error, found, times, wrap: wrap === 'on', follow, selection, client }} query={props.query} onTimes={() => setTimes(nextTimes[times])} onWrap={() => setWrap(wrap === 'on' ? 'off' : 'on')} onFollow={() => setFollow(!follow)} onLink={link} download={props.download} />
      <div ref={scroller} class={`${css.scroller} ${width > 0 ? css.wrapped : ''}`} role="group" aria-label="Lines of the log" tabIndex={0} onScroll={onScroll} data-rows={rows}>
        <span ref={probe} class={css.probe} aria-hidden="true">{'x'.repeat(100)}</span>
        {rows === 0 && <p class={css.empty}>{props.empty}</p>}
        <div class={css.content} style={{ height: `${contentHeight(scroll)}px` }}>
          <div ref={lines} class={css.lines} style={{ transform: `translateY(${shown.offset}px)`, '--columns': `${width}ch` }}>
            {rows > 0 && shown.lines.map((line) => <LogRow key={line.line} shown={line} time={timeOf(times, line.time, props.began)} selected={inSelection(line.line)} href={hrefOf({ first: line.line, last: line.line })} onNumber={onNumber} onFold={fold} />)}
          </div>
        </div>
      </div>
      <Foot {...foot(state, { running, live: props.live })} />
    </section>
  )
}

const nextTimes = { off: 'step', step: 'clock', clock: 'off' } as const

function Foot({ size, said }: ReturnType<typeof foot>): preact.JSX.Element {
  return (
    <footer class={css.foot}>
      <span>{size}</span>
      <span>{said}</span>
      <span class={css.printed}>On paper are the lines that were on the screen; the download has all.</span>
      <span class={css.space} />
      <span class={css.keys}>
        <kbd>/</kbd> find <kbd>e</kbd> next error <kbd>j</kbd> <kbd>k</kbd> scroll <kbd>[</kbd> <kbd>]</kbd> steps <kbd>?</kbd> all keys
      </span>
    </footer>
  )
}

/** A choice of this person's, kept in the browser. */
function useStored<T extends string>(key: string, usual: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => (localStorage.getItem(key) as T | null) ?? usual)
  return [
    value,
    (next) => {
      localStorage.setItem(key, next)
      setValue(next)
    },
  ]
}
