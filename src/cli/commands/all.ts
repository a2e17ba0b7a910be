import type { Command } from 'commander'
import { addCleanCommand } from './clean.ts'
import { addCompletionCommand } from './completion.ts'
import { addDemoCommand } from './demo.ts'
import { addFormatPipelineCommand } from './format-pipeline.ts'
import { addInterceptCommand } from './intercept.ts'
import { addPrepareDatabaseCommand } from './prepare-database.ts'
import { addRemoteCommands } from './remote/all.ts'
import { addRunCommand } from './run.ts'
import { addServerCommand } from './server.ts'
import { addSettingsCommand } from './settings.ts'
import { addStartCommand } from './start.ts'
import { addSupervisorCommand } from './supervisor.ts'
import { addSyncCommand } from './sync.ts'
import { addValidateCommand } from './validate.ts'
import { addWebCommand } from './web.ts'

/** All commands, in the order of the help. */
export function addCommands(program: Command): void {
  addRunCommand(program)
  addInterceptCommand(program)
  addValidateCommand(program)
  addFormatPipelineCommand(program)
  addWebCommand(program)
  addStartCommand(program)
  addCleanCommand(program)
  addDemoCommand(program)
  addSupervisorCommand(program)
  addServerCommand(program)
  addSettingsCommand(program)
  addCompletionCommand(program)
  addRemoteCommands(program)
  addPrepareDatabaseCommand(program)
  addSyncCommand(program)
}
