import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import css from './Notice.module.css'

export interface NoticeProps {
  readonly kind: 'info' | 'warning' | 'error'
  readonly children: ComponentChildren
  /** Buttons at its end. */
  readonly actions?: ComponentChildren
}

/** A bar over a page's content: not live, archived, paused, what failed. */
export const Notice = ({ kind, children, actions }: NoticeProps): preact.JSX.Element => (
  <div class={`${css.notice} ${css[kind]}`} role={kind === 'error' ? 'alert' : 'status'}>
    <div class={css.text}>{children}</div>
    {actions !== undefined && <div class={css.actions}>{actions}</div>}
  </div>
)

/** A part of a page without content: what it would show and what to do next. */
export const Empty = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }): preact.JSX.Element => (
  <section class={css.within}>
    <h2>{title}</h2>
    {children}
  </section>
)

/** Grey bars where content will be, once loading has lasted long enough for people to see. */
export function Skeleton({ rows = 6 }: { readonly rows?: number }): preact.JSX.Element | null {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150)
    return () => clearTimeout(timer)
  }, [])
  if (!shown) return null
  return (
    <div class={css.skeleton} role="status" aria-label="loading">
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  )
}

/**
 * A command to type, in one line that can be selected at once.
 * @public
 */
export const Command = ({ children }: { readonly children: string }): preact.JSX.Element => <code class={css.command}>{children}</code>
