import { ageText, dateText } from './time.ts'

/** How long ago a time was; the time itself when pointed at. */
export const Age = ({ at, now }: { readonly at: number; readonly now: number }): preact.JSX.Element => (
  <time dateTime={new Date(at).toISOString()} title={dateText(at)}>
    {ageText(now - at)}
  </time>
)
