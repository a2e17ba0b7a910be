import css from './Pager.module.css'

/** To the pages beside one of a list. */
export const Pager = ({ newer, older, label }: { readonly newer: string | undefined; readonly older: string | undefined; readonly label: string }): preact.JSX.Element | null =>
  newer === undefined && older === undefined ? null : (
    <nav class={css.pager} aria-label={label}>
      {newer !== undefined && (
        <a class="button" href={newer}>
          ← Newer
        </a>
      )}
      {older !== undefined && (
        <a class="button" href={older}>
          Older →
        </a>
      )}
    </nav>
  )
