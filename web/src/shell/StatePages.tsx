import type { ComponentChildren } from 'preact'
import { Refused } from '../parts/Refused.tsx'
import css from '../parts/Notice.module.css'
import { loginUrl, user } from '../store/user.ts'
import { Heading } from './Heading.tsx'

/** A page that has nothing to show: what it would show, as the page's heading, and what to do next. */
export const EmptyPage = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }): preact.JSX.Element => (
  <section class={css.empty}>
    <Heading title={title}>{title}</Heading>
    {children}
  </section>
)

/** A page that cannot be shown to whoever looks. */
export const RefusedPage = (props: { readonly status: number; readonly subject: string; readonly team?: string }): preact.JSX.Element => (
  <Refused {...props} shownAs={EmptyPage} loginUrl={loginUrl()} {...(user.value !== undefined && { person: user.value.name })} />
)
