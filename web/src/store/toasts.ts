import { signal } from '@preact/signals'

export interface Toast {
  readonly id: number
  readonly kind: 'done' | 'failed'
  readonly text: string
  /** Where what was made is: the new build. */
  readonly link?: { readonly href: string; readonly text: string }
}

const most = 4
let next = 1

/** What was done or refused, the newest last. They stay until they are closed, or others push them out. */
export const toasts = signal<readonly Toast[]>([])

export function toast(shown: Omit<Toast, 'id'>): void {
  toasts.value = [...toasts.value.slice(1 - most), { ...shown, id: next++ }]
}

export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id)
}
