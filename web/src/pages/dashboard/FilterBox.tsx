import { useRef, useState } from 'preact/hooks'
import { suggest, type Names } from '../../search/suggest.ts'
import css from './FilterBox.module.css'

export interface FilterBoxProps {
  readonly value: string
  readonly names: Names
  readonly problems: readonly string[]
  readonly onChange: (value: string) => void
}

/** The filter, with suggestions by keyboard: ARIA's combobox. */
export function FilterBox({ value, names, problems, onChange }: FilterBoxProps): preact.JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(-1)
  const list = open ? suggest(value, names) : []
  const take = (text: string): void => {
    onChange(text)
    setAt(-1)
    setOpen(text.endsWith(':'))
    input.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const chosen = list[at]
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setOpen(true)
      const step = event.key === 'ArrowDown' ? 1 : -1
      const count = (open ? list : suggest(value, names)).length
      setAt(count === 0 ? -1 : (Math.max(at, step === 1 ? -1 : 0) + step + count) % count)
    } else if (event.key === 'Enter' && chosen !== undefined) {
      event.preventDefault()
      take(chosen)
    } else if (event.key === 'Escape') {
      if (open && list.length > 0) setOpen(false)
      else onChange('')
      setAt(-1)
    }
  }
  return (
    <div class={css.box}>
      <label htmlFor="filter">Filter</label>
      <input
        ref={input}
        id="filter"
        class="mono"
        role="combobox"
        aria-expanded={list.length > 0}
        aria-controls="filter-suggestions"
        aria-autocomplete="list"
        aria-invalid={problems.length > 0}
        aria-describedby="filter-problem"
        {...(at >= 0 && list.length > 0 && { 'aria-activedescendant': `suggestion-${at}` })}
        autocomplete="off"
        spellcheck={false}
        placeholder="status:failed team:main -shop"
        value={value}
        onInput={(event) => {
          setOpen(true)
          setAt(-1)
          onChange(event.currentTarget.value)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <ul id="filter-suggestions" class={css.list} role="listbox" aria-label="Suggestions" hidden={list.length === 0}>
        {list.map((text, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the input has the keys of a combobox
          <li key={text} id={`suggestion-${index}`} role="option" aria-selected={index === at} class="mono" onMouseDown={(event) => event.preventDefault()} onClick={() => take(text)}>
            {text}
          </li>
        ))}
      </ul>
      <p id="filter-problem" class={css.problem} role="status">
        {problems.join('; ')}
      </p>
    </div>
  )
}
