import { useState } from 'preact/hooks'
import { href, replace } from '../../store/navigation.ts'
import type { PageProps } from '../registry.ts'
import css from './ResourceView.module.css'

/** Fields that versions must have, in the URL as `filter=key:value`. */
export function VersionFilter({ route, keys }: { readonly route: PageProps<'resource'>['route']; readonly keys: readonly string[] }): preact.JSX.Element {
  const { id, resource, filter } = route
  const [text, setText] = useState('')
  const add = (event: Event): void => {
    event.preventDefault()
    const colon = text.indexOf(':')
    const [key, value] = colon < 0 ? [keys[0] ?? 'ref', text.trim()] : [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
    if (key === '' || value === '') return
    setText('')
    replace({ page: 'resource', id, resource, filter: [...filter.filter(([one]) => one !== key), [key, value]] })
  }
  return (
    <form class={css.filter} role="search" onSubmit={add}>
      {filter.map(([key, value]) => (
        <a key={key} class="button" href={href({ page: 'resource', id, resource, filter: filter.filter(([one]) => one !== key) })} aria-label={`Remove the filter ${key}:${value}`}>
          <span class="mono">
            {key}:{value}
          </span>{' '}
          ✕
        </a>
      ))}
      <input type="search" aria-label="Find versions by a field, as key:value" placeholder={`Find, as ${keys[0] ?? 'ref'}:value`} value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      <button>Find</button>
    </form>
  )
}
