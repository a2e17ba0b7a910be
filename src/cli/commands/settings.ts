import type { Command } from 'commander'
import { nearMiss } from '../../config/near-miss.ts'
import { CommandError } from '../exit.ts'
import { settingsList, settingText } from '../settings/document.ts'
import type { Setting } from '../settings/setting.ts'
import { settings } from '../settings/table.ts'
import { terminal } from '../terminal.ts'

export function addSettingsCommand(program: Command): void {
  program
    .command('settings')
    .summary('list all settings, or explain one')
    .description('A setting is given by a flag, in the environment or in a file (--config): docs/settings.md says how.')
    .argument('[NAME]', 'a setting, e.g. image-registry')
    .action((name: string | undefined) => {
      if (name === undefined) return terminal.line(settingsList())
      const setting = new Map(Object.entries<Setting>(settings)).get(name)
      const near = nearMiss(name, Object.keys(settings))
      if (setting === undefined) throw new CommandError(`there is no setting ${name}${near === undefined ? '; airside settings lists them' : `; did you mean ${near}?`}`)
      terminal.line(settingText(name, setting))
    })
}
