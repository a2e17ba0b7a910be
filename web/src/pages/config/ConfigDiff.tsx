import { useMemo, useState } from 'preact/hooks'
import css from './ConfigDiff.module.css'
import { diffYaml, type DiffPart, type DiffRow } from './diff-yaml.ts'

/** Rows that are shown at once; more when they are asked for. */
const mostRows = 2_000

/** What is other in a config than in an earlier one, item by item. */
export function ConfigDiff({ before, after }: { readonly before: string; readonly after: string }): preact.JSX.Element {
  const { parts, added, removed, onlyOrder } = useMemo(() => diffYaml(before, after), [before, after])
  const [all, setAll] = useState(false)
  const shown = all ? parts : firstOf(parts, mostRows)
  const rows = (some: readonly DiffPart[]): number => some.reduce((sum, part) => sum + part.rows.length, 0)
  const left = rows(parts) - rows(shown)
  if (parts.length === 0) return <p class={css.none}>{onlyOrder ? 'Only the order of items differs, which changes nothing.' : 'The two versions are the same.'}</p>
  return (
    <section aria-label="Changes">
      <p class={css.sum}>{`${lines(added)} added, ${lines(removed)} removed`}</p>
      {shown.map((part, index) => (
        <Part key={index} part={part} />
      ))}
      {left > 0 && <button onClick={() => setAll(true)}>{`Show ${left} more lines`}</button>}
    </section>
  )
}

const lines = (count: number): string => `${count} ${count === 1 ? 'line' : 'lines'}`

function firstOf(parts: readonly DiffPart[], most: number): readonly DiffPart[] {
  const shown: DiffPart[] = []
  let left = most
  for (const part of parts) {
    if (left <= 0) break
    shown.push({ ...part, rows: part.rows.slice(0, left) })
    left -= part.rows.length
  }
  return shown
}

const words = { added: 'new', removed: 'gone', changed: 'changed' } as const

const Part = ({ part: { title, change, rows } }: { readonly part: DiffPart }): preact.JSX.Element => (
  <section class={css.part}>
    <h2>
      {title} <span class="dim">{words[change]}</span>
    </h2>
    <table>
      <thead class="hidden-visually">
        <tr>
          <th scope="col">Line before</th>
          <th scope="col">Line after</th>
          <th scope="col">Text</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <Row key={index} row={row} />
        ))}
      </tbody>
    </table>
  </section>
)

function Row({ row }: { readonly row: DiffRow }): preact.JSX.Element {
  switch (row.change) {
    case 'left-out':
      return (
        <tr class={css.leftOut}>
          <td colSpan={3}>{`${row.count} lines that are the same`}</td>
        </tr>
      )
    case 'same':
      return (
        <tr>
          <td class={css.number}>{row.before}</td>
          <td class={css.number}>{row.after}</td>
          <td class={css.text}>
            <code>{row.text}</code>
          </td>
        </tr>
      )
    case 'removed':
      return (
        <tr class={css.removed}>
          <td class={css.number}>{row.before}</td>
          <td class={css.number} />
          <td class={css.text}>
            <del>
              <code>{row.text}</code>
            </del>
          </td>
        </tr>
      )
    case 'added':
      return (
        <tr class={css.added}>
          <td class={css.number} />
          <td class={css.number}>{row.after}</td>
          <td class={css.text}>
            <ins>
              <code>{row.text}</code>
            </ins>
          </td>
        </tr>
      )
  }
}
