import type { Command } from 'commander'
import { addBuildCommands } from './builds.ts'
import { addJobCommands } from './jobs.ts'
import { addLoginCommand } from './login.ts'
import { addPipelineCommands } from './pipelines.ts'
import { addResourceCommands } from './resources.ts'
import { addSetPipelineCommands } from './set-pipeline.ts'
import { addTargetCommands } from './targets.ts'

/** The commands that talk to a server, in the order of the help. */
export function addRemoteCommands(program: Command): void {
  addLoginCommand(program)
  addSetPipelineCommands(program)
  addPipelineCommands(program)
  addJobCommands(program)
  addBuildCommands(program)
  addResourceCommands(program)
  addTargetCommands(program)
}
