import { useMemo } from 'preact/hooks'
import { useAnswer } from '../../store/use-answer.ts'
import { backgroundOf, foreignImage } from './background.ts'
import css from './Background.module.css'

/** A pipeline's background image, if the server lets it be loaded from its host. */
export function Background({ display }: { readonly display: unknown }): preact.JSX.Element | null {
  const page = useMemo(() => new URL(location.href), [])
  const asked = foreignImage(display, page) !== undefined
  const info = useAnswer<{ readonly web_image_hosts?: readonly string[] }>(asked ? '/api/v1/info' : undefined)
  const background = info.kind === 'ready' ? backgroundOf(display, page, info.value.web_image_hosts ?? []) : undefined
  return background === undefined ? null : <img class={css.image} src={background.src} alt="" referrerpolicy="no-referrer" style={{ filter: background.filter }} />
}
