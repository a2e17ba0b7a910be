import { signal } from '@preact/signals'
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Card } from '../../api/types.ts'
import { shownVars } from '../../routes/instance-vars.ts'
import type { JsonObject } from '../../../../src/model/json.ts'
import { loadedDialog } from '../../parts/loaded-dialog.tsx'
import { perform, refusalOf } from '../../store/action.ts'
import { orderInstances, orderPipelines } from '../../store/team-order.ts'
import type { Moving } from './CardTile.tsx'
import css from './DashboardPage.module.css'
import type { Section, Tile } from './model.ts'
import { inOrder, move, namesOf, orderGroup } from './ordering.ts'

const OrderDialog = loadedDialog(async () => (await import('../../shell/order/OrderDialog.tsx')).OrderDialog)

/** Where a card was moved to, for people who do not see it. */
export const said = signal('')

/** Cards of a team are moved by dragging them, and with Shift and the arrow keys; undefined: not by this person. */
export function useMoving(section: Section, cards: readonly Card[]): Moving | undefined {
  const { team } = section
  const now = useRef({ section, cards })
  now.current = { section, cards }
  const dragged = useRef<Tile | undefined>(undefined)
  /** Its link has the focus before it is moved; moving an element takes that away. */
  const focused = useRef<string | undefined>(undefined)
  useLayoutEffect(() => {
    if (focused.current === undefined || document.activeElement !== document.body) return
    document.querySelector<HTMLElement>(`a[data-key=${CSS.escape(focused.current)}]`)?.focus()
  }, [section])
  const moving = useMemo((): Moving => {
    const to = (tile: Tile, target: Tile): void => {
      const { shown } = now.current.section
      const action = move(now.current.cards, tile, target)
      if (action === undefined) return
      said.value = `${[tile.name, tile.detail].filter((part) => part !== '').join(' ')}: place ${shown.findIndex(({ key }) => key === target.key) + 1} of ${shown.length}`
      void perform(action)
    }
    return {
      begin: (tile) => (dragged.current = tile),
      drop(tile) {
        if (dragged.current !== undefined) to(dragged.current, tile)
        dragged.current = undefined
      },
      by(tile, places) {
        const { shown } = now.current.section
        const target = shown[shown.findIndex(({ key }) => key === tile.key) + places]
        focused.current = tile.key
        if (target !== undefined) to(tile, target)
      },
    }
  }, [])
  return team === undefined || section.tiles.length < 2 || refusalOf(orderPipelines(team, [])) !== undefined || refusalOf(orderInstances({ team, pipeline: '' }, [])) !== undefined ? undefined : moving
}

/** The same for those who can neither drag nor use keys: a list with buttons. */
export function OrderButton({ section: { team = '', shown }, cards }: { readonly section: Section; readonly cards: readonly Card[] }): preact.JSX.Element {
  const [open, setOpen] = useState(false)
  const [first] = shown
  // One group is looked into: its instances have an order of their own.
  const group = first?.card?.vars !== undefined && shown.every(({ name }) => name === first.name) ? first.name : undefined
  const what = group === undefined ? `the pipelines of team ${team}` : `the instances of ${group}`
  return (
    <>
      <button class={css.order} onClick={() => setOpen(true)} aria-label={`Order ${what}`}>
        Order…
      </button>
      {open && (
        <OrderDialog
          title={`Order ${what}`}
          items={itemsOf(inOrder(cards, team), group)}
          actionOf={(keys) => (group === undefined ? orderPipelines(team, keys) : orderGroup(cards, team, group, keys.map(Number)))}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}

function itemsOf(cards: readonly Card[], group: string | undefined): readonly { readonly key: string; readonly text: string }[] {
  if (group === undefined) return namesOf(cards).map((name) => ({ key: name, text: name }))
  return cards.filter(({ name }) => name === group).map(({ id, vars }) => ({ key: String(id), text: vars === undefined ? group : shownVars(vars as JsonObject) }))
}
