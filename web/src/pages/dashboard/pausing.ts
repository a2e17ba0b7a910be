import { signal } from '@preact/signals'
import type { Card } from '../../api/types.ts'
import { perform, refusalOf, type Action } from '../../store/action.ts'
import { pauseOrUnpausePipeline } from '../../store/pipeline-actions.ts'
import { idOf } from './model.ts'

/** Ids of pipelines whose pause the server has not answered yet. */
export const busy = signal<ReadonlySet<number>>(new Set())

export const pauseOf = (card: Card): Action => pauseOrUnpausePipeline({ id: idOf(card), paused: card.s === 'paused', archived: card.archived === true })

/** Pauses a pipeline, or unpauses it; nothing while it is under way, or where the person may not. */
export async function pause(card: Card): Promise<void> {
  const action = pauseOf(card)
  if (busy.value.has(card.id) || refusalOf(action) !== undefined) return
  busy.value = new Set([...busy.value, card.id])
  await perform(action)
  busy.value = new Set([...busy.value].filter((id) => id !== card.id))
}
