import { signal } from '@preact/signals'
import type { WatchItems } from '../api/types.ts'
import { watch } from './connection.ts'

/** The message that an administrator shows to everybody, on each page. */
export const wall = signal<string | undefined>(undefined)

/** Follows it as long as the page is there. */
export function startWall(): void {
  const show = (value: unknown): void => {
    const [item] = value as readonly (WatchItems['wall'] & { readonly gone?: true })[]
    wall.value = item?.gone === true ? undefined : item?.message
  }
  watch.subscribe('wall', { set: show, patch: show, refused: () => undefined })
}
