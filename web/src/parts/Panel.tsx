import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import css from './Panel.module.css'

export interface PanelProps {
  readonly title: string
  /** Beside the title. */
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}

/** A part of a page, under a heading of its own. */
export function Panel({ title, actions, children }: PanelProps): preact.JSX.Element {
  const id = useId()
  return (
    <section class={css.panel} aria-labelledby={id}>
      <div class={css.top}>
        <h2 id={id}>{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  )
}

export type Fact = readonly [name: string, value: ComponentChildren | undefined]

/** Names and values; what is not known is left out. */
export const Facts = ({ facts }: { readonly facts: readonly Fact[] }): preact.JSX.Element => (
  <dl class={css.facts}>
    {facts.map(([name, value]) =>
      value === undefined ? null : (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ),
    )}
  </dl>
)

export interface TableProps<Row> {
  /** What it lists, for people who do not see it. */
  readonly label: string
  /** The first names the row. */
  readonly columns: readonly (readonly [title: string, cell: (row: Row) => ComponentChildren])[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string | number
}

/** A table whose rows become lists of names and values where the window is narrow. */
export const Table = <Row,>({ label, columns, rows, keyOf }: TableProps<Row>): preact.JSX.Element => (
  <table class={css.table} aria-label={label}>
    <thead>
      <tr>
        {columns.map(([title]) => (
          <th key={title} scope="col">
            {title}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <tr key={keyOf(row)}>
          {columns.map(([title, cell], index) =>
            index === 0 ? (
              <th key={title} scope="row">
                {cell(row)}
              </th>
            ) : (
              <td key={title} data-column={title}>
                {cell(row)}
              </td>
            ),
          )}
        </tr>
      ))}
    </tbody>
  </table>
)
