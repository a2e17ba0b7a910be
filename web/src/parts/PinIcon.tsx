import css from './PinIcon.module.css'

/** As the graph marks a resource that is pinned. `label`: what is read out; `''`: nothing, where a word beside it says it. */
export const PinIcon = ({ label = 'pinned' }: { readonly label?: string }): preact.JSX.Element => (
  <svg class={css.pin} viewBox="0 0 16 16" {...(label === '' ? { 'aria-hidden': true as const } : { role: 'img' as const, 'aria-label': label })}>
    <path d="M6 1h4v5l2 3H9v6l-1 1-1-1V9H4l2-3z" fill="currentColor" />
  </svg>
)
