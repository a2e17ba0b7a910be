import type { ComponentChildren } from 'preact'
import css from './Facts.module.css'

export type Fact = readonly [name: string, value: ComponentChildren | undefined]

/** Names and values; what is not known is left out. */
export function Facts({ title, facts }: { readonly title: string; readonly facts: readonly Fact[] }): preact.JSX.Element | null {
  const known = facts.filter(([, value]) => value !== undefined)
  if (known.length === 0) return null
  return (
    <section class={css.facts}>
      <h2>{title}</h2>
      <dl>
        {known.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

export const Nothing = ({ children }: { readonly children: ComponentChildren }): preact.JSX.Element => <p class={css.nothing}>{children}</p>
