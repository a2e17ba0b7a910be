import { useRef } from 'preact/hooks'
import css from './Tabs.module.css'

export interface TabsProps {
  readonly tabs: readonly { readonly id: string; readonly label: string; /** Of the label, what a narrow window has no room for. */ readonly more?: string }[]
  readonly chosen: string
  readonly onChoose: (id: string) => void
}

/** ARIA's tabs: one is in the tab order, arrows go to the others. */
export function Tabs({ tabs, chosen, onChoose }: TabsProps): preact.JSX.Element {
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(({ id }) => id === chosen)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    const index = to % tabs.length
    onChoose(tabs[index]?.id ?? chosen)
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[index]?.focus()
  }
  return (
    <div ref={list} class={css.tabs} role="tablist" onKeyDown={onKeyDown}>
      {tabs.map(({ id, label, more }) => (
        <button key={id} id={`tab-${id}`} role="tab" aria-selected={id === chosen} {...(id === chosen && { 'aria-controls': `panel-${id}` })} tabIndex={id === chosen ? 0 : -1} onClick={() => onChoose(id)}>
          <span>
            {label}
            {more !== undefined && <span class={css.more}>{more}</span>}
          </span>
        </button>
      ))}
    </div>
  )
}
