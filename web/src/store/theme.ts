import { effect, signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'
export const themes: readonly Theme[] = ['system', 'light', 'dark']

const key = 'airside.theme'
const stored = localStorage.getItem(key)

export const theme = signal<Theme>(themes.find((one) => one === stored) ?? 'system')

/** Follows the setting and, for `system`, what the system changes to. */
export function startTheme(): void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const apply = (): void => {
    document.documentElement.dataset['theme'] = theme.value === 'system' ? (system.matches ? 'dark' : 'light') : theme.value
  }
  system.addEventListener('change', apply)
  effect(() => {
    if (theme.value === 'system') localStorage.removeItem(key)
    else localStorage.setItem(key, theme.value)
    apply()
  })
}
