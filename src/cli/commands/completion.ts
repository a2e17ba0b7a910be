import type { Command } from 'commander'
import { completionScript, shells } from '../completion/shells.ts'
import { completedCommands } from '../completion/tree.ts'
import { CommandError } from '../exit.ts'
import { terminal } from '../terminal.ts'

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .argument('SHELL', shells.join(', '))
    .summary('print what makes a shell complete commands and flags')
    .description('Prints a script by which a shell completes commands, flags, files and names of servers.')
    .addHelpText('after', '\nExamples:\n  source <(airside completion bash)        # in ~/.bashrc\n  source <(airside completion zsh)         # in ~/.zshrc, behind compinit\n  airside completion fish | source         # in ~/.config/fish/config.fish')
    .action((given: string) => {
      const shell = shells.find((name) => name === given)
      if (shell === undefined) throw new CommandError(`there is no completion for ${given}; write ${shells.join(', ')}`)
      terminal.log(completionScript(shell, completedCommands(program)))
    })
}
