import { Heading } from '../../shell/Heading.tsx'
import { href } from '../../store/navigation.ts'
import type { PageProps } from '../registry.ts'
import css from '../../parts/Notice.module.css'

/** A URL that names no page. */
export default function NotFoundPage({ route }: PageProps<'not-found'>): preact.JSX.Element {
  return (
    <section class={css.empty}>
      <Heading title="No such page">There is no page at {route.url}</Heading>
      <p>The address may have been cut.</p>
      <a class="button" href={href({ page: 'dashboard' })}>
        Dashboard
      </a>
    </section>
  )
}
