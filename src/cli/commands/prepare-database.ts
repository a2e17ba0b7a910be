import type { Command } from 'commander'
import { databaseTemplate } from '../../app/open-app.ts'
import { terminal } from '../terminal.ts'

/** Part of set-up: the embedded database is made once, so that no run pays for its first creation. */
export function addPrepareDatabaseCommand(program: Command): void {
  program.command('prepare-database', { hidden: true }).action(async () => {
    await databaseTemplate(terminal.say)
  })
}
