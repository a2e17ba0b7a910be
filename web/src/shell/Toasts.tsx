import { closeToast, toasts } from '../store/toasts.ts'
import { StateIcon } from '../parts/StateIcon.tsx'
import css from './Toasts.module.css'

/** What was done or refused, read out when it comes. */
export const Toasts = (): preact.JSX.Element => (
  <div class={css.toasts} role="status">
    {toasts.value.map(({ id, kind, text, link }) => (
      <div key={id} class={css.toast}>
        <StateIcon state={kind === 'done' ? 'succeeded' : 'failed'} label={kind} />
        <span class={css.text}>
          {text} {link !== undefined && <a href={link.href} onClick={() => closeToast(id)}>{link.text}</a>}
        </span>
        <button aria-label="Close this message" onClick={() => closeToast(id)}>
          ✕
        </button>
      </div>
    ))}
  </div>
)
