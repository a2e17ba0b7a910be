import type { ComponentChildren, ComponentType } from 'preact'
import { Empty } from './Notice.tsx'

export interface RefusedProps {
  /** 401, 403, 404 or 410, as the server answered. */
  readonly status: number
  /** What was asked for: `pipeline shop`. */
  readonly subject: string
  readonly loginUrl: string
  /** Who is logged in, if anybody. */
  readonly person?: string
  readonly team?: string
  /** What holds it: by default a part of a page, which has a heading already. */
  readonly shownAs?: ComponentType<{ readonly title: string; readonly children: ComponentChildren }>
}

/** Why a page cannot be shown, and what to do about it. */
export function Refused({ status, subject, loginUrl, person, team, shownAs: Shown = Empty }: RefusedProps): preact.JSX.Element {
  const whose = team === undefined ? '' : ` Team ${team} needs the role viewer; its owners can give it.`
  if (status === 401 || (status === 403 && person === undefined)) {
    return (
      <Shown title={`Log in to see ${subject}`}>
        <p>You come back to this page.</p>
        <a class="button primary" href={loginUrl}>
          Log in
        </a>
      </Shown>
    )
  }
  if (status === 403) return <Shown title={`You may not see ${subject}`}>{<p>{`You are ${person}.${whose}`}</p>}</Shown>
  return (
    <Shown title={status === 410 ? `There is no ${subject} any more` : `There is no ${subject}`}>
      <p>{person === undefined ? 'It may have been renamed or destroyed, or strangers may not see it.' : 'It may have been renamed or destroyed, or your teams may not see it.'}</p>
      {person === undefined && (
        <a class="button" href={loginUrl}>
          Log in
        </a>
      )}{' '}
      <a class="button" href="/">
        Dashboard
      </a>
    </Shown>
  )
}
