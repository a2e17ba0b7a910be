import { useState } from 'preact/hooks'
import { Dialog } from '../../parts/Dialog.tsx'
import { Command } from '../../parts/Notice.tsx'
import type { Action } from '../../store/action.ts'
import { ActionButton } from '../ActionButton.tsx'
import buttons from '../../parts/Dialog.module.css'
import css from './OrderDialog.module.css'

export interface Orderable {
  readonly key: string
  readonly text: string
}

export interface OrderDialogProps {
  readonly title: string
  /** In their present order. */
  readonly items: readonly Orderable[]
  readonly actionOf: (keys: readonly string[]) => Action
  readonly onClose: () => void
}

/** A list to be put into another order, by its buttons or by dragging, and saved at once. */
export function OrderDialog({ title, items, actionOf, onClose }: OrderDialogProps): preact.JSX.Element {
  const [order, setOrder] = useState(items)
  const [dragged, setDragged] = useState<string>()
  const [said, setSaid] = useState('')
  const moveTo = (key: string, place: number): void => {
    const from = order.findIndex((item) => item.key === key)
    const item = order[from]
    if (item === undefined || place < 0 || place >= order.length || place === from) return
    setOrder(order.toSpliced(from, 1).toSpliced(place, 0, item))
    setSaid(`${item.text}: place ${place + 1} of ${order.length}`)
  }
  const action = actionOf(order.map(({ key }) => key))
  return (
    <Dialog title={title} onCancel={onClose}>
      <ol class={css.list}>
        {order.map(({ key, text }, place) => (
          <li
            key={key}
            class={dragged === key ? css.dragged : ''}
            draggable
            onDragStart={(event) => {
              event.dataTransfer?.setData('text/plain', text)
              setDragged(key)
            }}
            onDragEnd={() => setDragged(undefined)}
            onDragOver={(event) => {
              if (dragged === undefined) return
              event.preventDefault()
              moveTo(dragged, place)
            }}
            onDrop={(event) => event.preventDefault()}
          >
            <span>{text}</span>
            <button aria-label={`Move ${text} up`} aria-disabled={place === 0} onClick={() => moveTo(key, place - 1)}>
              ↑
            </button>
            <button aria-label={`Move ${text} down`} aria-disabled={place === order.length - 1} onClick={() => moveTo(key, place + 1)}>
              ↓
            </button>
          </li>
        ))}
      </ol>
      <p class="hidden-visually" role="status">
        {said}
      </p>
      {order.length <= 20 && <Command>{action.fly}</Command>}
      <div class={buttons.buttons}>
        <button onClick={onClose}>Cancel</button>
        <ActionButton primary action={action} onDone={onClose} />
      </div>
    </Dialog>
  )
}
