import { href, route } from '../store/navigation.ts'
import { loginUrl, userState } from '../store/user.ts'
import { theme, themes } from '../store/theme.ts'
import { keyHelpIsOpen } from './KeyHelp.tsx'
import { Breadcrumb } from './Breadcrumb.tsx'
import { PaletteButton } from './palette/PaletteButton.tsx'
import css from './TopBar.module.css'

const nextTheme = { system: 'light', light: 'dark', dark: 'system' } as const

export function TopBar(): preact.JSX.Element {
  return (
    <header class={css.top}>
      <a class={css.logo} href={href({ page: 'dashboard' })} aria-label="Airside: dashboard">
        <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M2 15L10 3l8 12-8-4z" fill="var(--accent)" />
        </svg>
        <span class={css.name}>Airside</span>
      </a>
      <Breadcrumb route={route.value} />
      <span class={css.space} />
      <PaletteButton />
      <button class={`${css.square} ${css.theme}`} aria-label={`Theme: ${theme.value}`} title={`Theme: ${theme.value} (${themes.join(', ')})`} onClick={() => (theme.value = nextTheme[theme.value])}>
        <span aria-hidden="true">{{ system: '◐', light: '○', dark: '●' }[theme.value]}</span>
      </button>
      <button class={`${css.square} ${css.keys}`} aria-label="Keys of this page" title="Keys of this page (?)" aria-haspopup="dialog" onClick={() => (keyHelpIsOpen.value = true)}>
        <span aria-hidden="true">?</span>
      </button>
      <Person />
    </header>
  )
}

function Person(): preact.JSX.Element | null {
  const state = userState.value
  switch (state.kind) {
    case 'loading':
      return null
    case 'stranger':
      return (
        <a class="button" href={loginUrl()}>
          Log in
        </a>
      )
    case 'known':
      return (
        <form class={css.person} method="get" action="/sky/logout">
          <a href={href({ page: 'account' })}>{state.user.user_name || state.user.name}</a>
          <button class={css.out}>Log out</button>
        </form>
      )
  }
}
