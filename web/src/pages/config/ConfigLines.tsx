import { useEffect, useMemo, useRef } from 'preact/hooks'
import css from './ConfigLines.module.css'
import { linesOfJob } from './lines-of-job.ts'

/** A config with numbers of lines; those of a job are marked and come into view. Vars stand in it as they are written. */
export function ConfigLines({ yaml, job }: { readonly yaml: string; readonly job: string | undefined }): preact.JSX.Element {
  const marked = useMemo(() => (job === undefined ? undefined : linesOfJob(yaml, job)), [yaml, job])
  const first = useRef<HTMLLIElement>(null)
  useEffect(() => first.current?.scrollIntoView({ block: 'center' }), [marked])
  return (
    <>
      {job !== undefined && marked === undefined && <p class={css.without}>{`This config has no job ${job}.`}</p>}
      {/* It may be wider than the page: whoever has no mouse scrolls it with the arrow keys. */}
      <div class={css.scroll} role="region" aria-label="Config as YAML" tabIndex={0}>
        <ol class={css.lines}>
          {yaml.trimEnd().split('\n').map((line, index) => (
            <li key={index} {...(index === marked?.first && { ref: first })} class={marked !== undefined && index >= marked.first && index <= marked.last ? css.marked : ''}>
              <Line text={line} />
            </li>
          ))}
        </ol>
      </div>
    </>
  )
}

/** A key is set apart from its value, and vars are marked. */
function Line({ text }: { readonly text: string }): preact.JSX.Element {
  const [, start = '', key, rest = text] = /^(\s*(?:- )*)([\w.-]+|"[^"]*")(:(?: .*)?)$/.exec(text) ?? []
  return (
    <code>
      {key !== undefined && (
        <>
          {start}
          <span class={css.key}>{key}</span>
        </>
      )}
      {rest.split(/(\(\([^()]*\)\))/).map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part))}
    </code>
  )
}
