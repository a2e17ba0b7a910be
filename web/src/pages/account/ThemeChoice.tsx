import { Panel } from '../../parts/Panel.tsx'
import { theme, themes } from '../../store/theme.ts'
import css from '../../parts/Fields.module.css'

const words = { system: 'as the system', light: 'light', dark: 'dark' } as const

/** Kept in this browser. */
export const ThemeChoice = (): preact.JSX.Element => (
  <Panel title="Theme">
    <fieldset class={css.choices}>
      <legend class="hidden-visually">Theme</legend>
      {themes.map((one) => (
        <label key={one}>
          <input type="radio" name="theme" checked={theme.value === one} onChange={() => (theme.value = one)} />
          {words[one]}
        </label>
      ))}
    </fieldset>
  </Panel>
)
