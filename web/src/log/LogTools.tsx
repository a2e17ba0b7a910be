import { useEffect, useRef, useState } from 'preact/hooks'
import type { LogClient } from './client.ts'
import css from './LogPane.module.css'
import own from './LogTools.module.css'
import type { Found, Selection } from './protocol.ts'
import type { TimeKind } from './times.ts'
import { copyText } from '../parts/CopyButton.tsx'
import { OfferButton } from '../parts/OfferButton.tsx'
import { useKeys } from '../parts/use-keys.tsx'

export interface LogToolsProps {
  readonly client: LogClient
  readonly query: string
  readonly found: Found | undefined
  readonly find: (text: string, regex: boolean) => void
  readonly hit: (by: 1 | -1) => void
  readonly error: (by: 1 | -1) => void
  readonly times: TimeKind
  readonly onTimes: () => void
  readonly wrap: boolean
  readonly onWrap: () => void
  readonly follow: boolean
  readonly onFollow: () => void
  readonly selection: Selection | undefined
  /** Chooses a line where none is, and tells the link of what is chosen. */
  readonly onLink: () => string
  readonly download: (() => void) | undefined
}

/** What is done with a log: find, errors, how it is shown, links, download. */
export function LogTools(props: LogToolsProps): preact.JSX.Element {
  const { find, hit, error, found, selection, client } = props
  const input = useRef<HTMLInputElement>(null)
  const [regex, setRegex] = useState(false)
  const [said, setSaid] = useState({ text: '', times: 0 })
  const say = (text: string): void => setSaid(({ times }) => ({ text, times: times + 1 }))
  useKeys({ '/': ['find in the log', () => input.current?.focus()] })
  useEffect(() => {
    if (props.query !== '') find(props.query, false)
  }, [])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') hit(event.shiftKey ? -1 : 1)
    if (event.key === 'Escape') input.current?.blur()
  }
  const copy = (what: string, text: Promise<string>): void => {
    void text.then((copied) => copyText(copied)).then(
      () => say(`${what} copied`),
      () => say('the browser does not let this page copy'),
    )
  }
  return (
    <div class={css.tools}>
      <div class={css.find} role="search">
        <input ref={input} type="search" aria-label="Find in the log" placeholder="Find" value={props.query} onInput={(event) => find(event.currentTarget.value, regex)} onKeyDown={onKeyDown} />
        <button
          aria-pressed={regex}
          aria-label="regular expression"
          title="regular expression"
          onClick={() => {
            setRegex(!regex)
            find(props.query, !regex)
          }}
        >
          .*
        </button>
        <span class={css.hits} role="status">
          {props.query === '' || found?.kind !== 'found' ? '' : found.count === 0 ? 'none' : `${found.index + 1} of ${found.count}${found.more ? '+' : ''}`}
        </span>
      </div>
      <button aria-label="previous hit" onClick={() => hit(-1)}>↑</button>
      <button aria-label="next hit" onClick={() => hit(1)}>↓</button>
      <button onClick={() => error(1)}>Next error</button>
      <span class={css.space} />
      <span role="status">{said.times > 0 && <span key={said.times} class={own.said}>{said.text}</span>}</span>
      <button onClick={props.onTimes} aria-label={`Times: ${props.times}`}>{`Times: ${props.times}`}</button>
      <button aria-pressed={props.wrap} onClick={props.onWrap}>Wrap</button>
      <button aria-pressed={props.follow} onClick={props.onFollow}>Follow</button>
      {selection !== undefined && <OfferButton name="Copy lines" onPress={() => copy('lines', client.ask({ kind: 'copy', from: selection.first, to: selection.last }))}>Copy lines</OfferButton>}
      <OfferButton name="Link" title="choose the line at the top and copy its link; a click on a number chooses another" onPress={() => copy('link', Promise.resolve(new URL(props.onLink(), location.href).href))}>Link</OfferButton>
      {props.download !== undefined && <OfferButton name="Download" title="the step’s whole log" onPress={props.download}>Download</OfferButton>}
      {found?.kind === 'wrong' && <p class={css.wrong} role="alert">{found.message}</p>}
    </div>
  )
}
