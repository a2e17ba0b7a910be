import { useState } from 'preact/hooks'
import type { Card } from '../../api/types.ts'
import { loadedDialog } from '../../parts/loaded-dialog.tsx'
import { Skeleton } from '../../parts/Notice.tsx'
import { OfferButton } from '../../parts/OfferButton.tsx'
import { Panel } from '../../parts/Panel.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { refusalOf } from '../../store/action.ts'
import { href } from '../../store/navigation.ts'
import { orderPipelines } from '../../store/team-order.ts'
import { useTopic } from '../../store/use-topic.ts'
import css from './TeamPage.module.css'

const OrderDialog = loadedDialog(async () => (await import('../../shell/order/OrderDialog.tsx')).OrderDialog)

/** The names of a team's pipelines in their order, which members change. */
export function TeamPipelines({ team }: { readonly team: string }): preact.JSX.Element {
  const state = useTopic<Card>('dashboard')
  const [ordering, setOrdering] = useState(false)
  const cards = state.kind === 'ready' ? state.items.filter((card) => card.team === team).toSorted((a, b) => a.pos - b.pos) : []
  const groups = [...Map.groupBy(cards, ({ name }) => name)]
  const button = (
    <OfferButton opensDialog name="Order…" refusal={refusalOf(orderPipelines(team, [])) ?? (groups.length < 2 ? 'There is nothing to order' : undefined)} onPress={() => setOrdering(true)}>
      Order…
    </OfferButton>
  )
  return (
    <Panel title="Pipelines" actions={button}>
      {state.kind === 'loading' && <Skeleton rows={2} />}
      {state.kind === 'ready' && groups.length === 0 && <p class="dim">It has none.</p>}
      <ol class={css.pipelines}>
        {groups.map(([name, [first, ...others]]) => {
          if (first === undefined) return null
          const group = first.vars !== undefined || others.length > 0
          return (
            <li key={name}>
              <a href={href(group ? { page: 'dashboard', search: `team:"${team}" group:"${name}"` } : { page: 'pipeline', id: { team, pipeline: name }, groups: [] })}>
                <StateIcon state={first.s} />
                {name}
              </a>
              {group && <span class="dim">{`× ${others.length + 1}`}</span>}
              {first.archived === true && <span class="dim">archived</span>}
            </li>
          )
        })}
      </ol>
      {ordering && <OrderDialog title={`Order the pipelines of team ${team}`} items={groups.map(([name]) => ({ key: name, text: name }))} actionOf={(names) => orderPipelines(team, names)} onClose={() => setOrdering(false)} />}
    </Panel>
  )
}
