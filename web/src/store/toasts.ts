import { signal } from '@preact/signals'

export interface Toast {
  readonly id: number
  readonly kind: 'done' | 'failed'
  readonly text: string
  /** Where what was made is: the new build. */
  readonly link?: { readonly href: string; readonly text: string }
  /** Of what was refused: a later message about the same takes its place. */
  readonly about?: string
}

const most = 4
let next = 1

/** What was done or refused, the newest last. They stay until they are closed, the same is done after all, or others push them out. */
export const toasts = signal<readonly Toast[]>([])

export function toast(shown: Omit<Toast, 'id'>): void {
  if (shown.about !== undefined) closeFailed(shown.about)
  toasts.value = [...toasts.value.slice(1 - most), { ...shown, id: next++ }]
}

/** Takes away that something was refused: it has been done since, or was refused again. */
export function closeFailed(about: string): void {
  toasts.value = toasts.value.filter((one) => one.about !== about)
}

export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id)
}
