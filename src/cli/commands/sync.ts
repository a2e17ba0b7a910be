import type { Command } from 'commander'
import { CommandError, exitStatus } from '../exit.ts'

/** What whoever types what they know from fly is told. */
export function addSyncCommand(program: Command): void {
  program
    .command('sync', { hidden: true })
    .alias('s')
    .summary('how airside and fly are brought up to date')
    .description('airside comes with its clone and works with servers of other versions, so that a server has none to give. This says how it is brought up to date.')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new CommandError('airside is no program that a server gives: bring its clone up to date with: git pull && npm run setup. fly is brought to the version of a server by: fly -t NAME sync', exitStatus.failed)
    })
}
