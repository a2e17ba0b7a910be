import type { Why } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { now } from '../../store/now.ts'
import css from './WhyList.module.css'

/** Why a build waits or none was made: the sentence, and each reason with its link, where there is more than the sentence says. */
export function WhyList({ why }: { readonly why: Why }): preact.JSX.Element {
  const { sentence, reasons } = why
  const [only] = reasons
  // `no build starts by itself: it is paused`, and below it once more `it is paused`.
  const said = reasons.length === 1 && only !== undefined && only.link === undefined && only.since === undefined && only.text !== sentence && sentence.endsWith(only.kind === 'input' ? withoutName(only.text) : only.text)
  if (said) return <p class={css.why}>{sentence}</p>
  return (
    <div class={css.why}>
      {!(reasons.length === 1 && reasons[0]?.text === sentence) && <p>{sentence}</p>}
      <ul>
        {reasons.map(({ kind, text, since, link }, index) => (
          <li key={index}>
            <StateIcon state="pending" label="" />
            <span data-reason={kind}>
              {link === undefined ? text : <a href={link}>{text}</a>}
              {since !== undefined && (
                <span class="dim">
                  {' '}
                  for <Age at={since} now={now.value} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** A reason about an input begins with its name. */
const withoutName = (text: string): string => text.slice(text.indexOf(': ') + 2)
