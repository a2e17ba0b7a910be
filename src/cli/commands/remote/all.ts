import type { Command } from 'commander'
import { addAuthCommands } from './auth.ts'
import { addBuildCommands } from './builds.ts'
import { addChecklistCommand } from './checklist.ts'
import { addCurlCommand } from './curl.ts'
import { addComponentCommands } from './components.ts'
import { addConfigCommands } from './pipeline-configs.ts'
import { addExecuteCommand } from './execute.ts'
import { addHijackCommand } from './hijack.ts'
import { addJobCommands } from './jobs.ts'
import { addListCommands } from './lists.ts'
import { addLoginCommand } from './login.ts'
import { addOrderCommands } from './order.ts'
import { addPipelineCommands } from './pipelines.ts'
import { addResourceCommands } from './resources.ts'
import { addSetPipelineCommand } from './set-pipeline.ts'
import { addTargetCommands } from './targets.ts'
import { addTeamCommands } from './teams.ts'
import { addUpkeepCommands } from './upkeep.ts'
import { addWorkerCommands } from './workers.ts'

/** The commands that talk to a server, in the order of the help. */
export function addRemoteCommands(program: Command): void {
  addLoginCommand(program)
  addSetPipelineCommand(program)
  addConfigCommands(program)
  addPipelineCommands(program)
  addOrderCommands(program)
  addChecklistCommand(program)
  addJobCommands(program)
  addBuildCommands(program)
  addExecuteCommand(program)
  addHijackCommand(program)
  addResourceCommands(program)
  addUpkeepCommands(program)
  addTeamCommands(program)
  addAuthCommands(program)
  addListCommands(program)
  addWorkerCommands(program)
  addComponentCommands(program)
  addTargetCommands(program)
  addCurlCommand(program)
}
