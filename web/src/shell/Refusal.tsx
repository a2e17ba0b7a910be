import css from './Refusal.module.css'

/** Why the server refused what a dialog asked for. */
export const Refusal = ({ why }: { readonly why: string | undefined }): preact.JSX.Element | null =>
  why === undefined ? null : (
    <p class={css.refused} role="alert">
      {why}
    </p>
  )
