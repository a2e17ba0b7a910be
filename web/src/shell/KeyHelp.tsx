import { signal } from '@preact/signals'
import { loadedDialog } from '../parts/loaded-dialog.tsx'
import { useKeys } from '../parts/use-keys.tsx'
import { go, href } from '../store/navigation.ts'

export const keyHelpIsOpen = signal(false)
const KeyList = loadedDialog(async () => (await import('./keys/KeyList.tsx')).KeyList)

/** The keys of every page, and the list of all that the page has now. */
export function KeyHelp(): preact.JSX.Element | null {
  useKeys({
    '?': ['show the keys', () => (keyHelpIsOpen.value = true)],
    gd: ['go to the dashboard', () => go(href({ page: 'dashboard' }))],
  })
  return keyHelpIsOpen.value ? <KeyList onClose={() => (keyHelpIsOpen.value = false)} /> : null
}
