import type { ComponentChildren } from 'preact'
import { Notice } from '../parts/Notice.tsx'

/** Stands in the place of a graph whose worker gave none; children: where the same is shown without it. */
export const GraphFailed = ({ children }: { readonly children?: ComponentChildren }): preact.JSX.Element => (
  <Notice kind="error" actions={<button onClick={() => location.reload()}>Reload</button>}>The graph could not be drawn: its script was not loaded, or failed.{children}</Notice>
)
