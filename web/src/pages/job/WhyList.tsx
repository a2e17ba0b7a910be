import type { Why } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { now } from '../../store/now.ts'
import css from './WhyList.module.css'

/** Why a build waits or none was made: the sentence, and each reason with its link, where there is more than the sentence says. */
export function WhyList({ why }: { readonly why: Why }): preact.JSX.Element {
  const { sentence, reasons } = why
  const [only, ...others] = reasons
  // The sentence ends with its only reason: `No build starts by itself: it is paused`.
  const text = only?.text ?? ''
  if (only !== undefined && others.length === 0 && sentence.endsWith(text)) {
    return (
      <p class={css.why}>
        {sentence.slice(0, sentence.length - text.length)}
        <ReasonText reason={{ ...only, text: sentence === text ? begun(only) : text }} />
      </p>
    )
  }
  return (
    <div class={css.why}>
      {sentence !== reasons.map((reason) => reason.text).join('; ') && <p>{sentence}</p>}
      <ul>
        {reasons.map((reason, index) => (
          <li key={index}>
            <StateIcon state="pending" label="" />
            <ReasonText reason={{ ...reason, text: begun(reason) }} />
          </li>
        ))}
      </ul>
    </div>
  )
}

const ReasonText = ({ reason: { kind, text, since, link } }: { readonly reason: Why['reasons'][number] }): preact.JSX.Element => (
  <span data-reason={kind}>
    {link === undefined ? text : <a href={link}>{text}</a>}
    {since !== undefined && (
      <span class="dim">
        {' '}
        for <Age at={since} now={now.value} />
      </span>
    )}
  </span>
)

/** The beginning of a sentence: of reasons whose first word is no name of an input. */
function begun({ kind, text }: Why['reasons'][number]): string {
  const named = (kind === 'input' && !text.startsWith('no usable version of ')) || kind === 'checking'
  return named ? text : text.charAt(0).toUpperCase() + text.slice(1)
}
