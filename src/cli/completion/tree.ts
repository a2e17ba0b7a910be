import type { Command, Option } from 'commander'

export interface CompletedFlag {
  readonly long: string
  readonly short?: string
  readonly summary: string
  /** What follows it. */
  readonly takes: 'nothing' | 'text' | 'file' | 'folder' | 'target'
}

export interface CompletedCommand {
  /** Its name, then its short names. */
  readonly names: readonly [string, ...string[]]
  readonly summary: string
  readonly flags: readonly CompletedFlag[]
  /** Words that follow it. */
  readonly words: readonly string[]
}

/** What can be typed behind `airside`: all commands with all flags that their help shows. */
export function completedCommands(program: Command): readonly CompletedCommand[] {
  return program.commands
    .filter((command) => !isHidden(command))
    .map((command) => {
      const all = [command, ...command.commands]
      const flags = all.flatMap(({ options }) => options.filter(({ hidden }) => !hidden).map(flagOf))
      return {
        names: [command.name(), ...command.aliases()],
        summary: command.summary() || command.description(),
        flags: [...new Map([...flags, help].map((flag) => [flag.long, flag])).values()],
        words: command.commands.map((inner) => inner.name()),
      }
    })
}

const help: CompletedFlag = { long: '--help', short: '-h', summary: 'show this help', takes: 'nothing' }

const isHidden = (command: Command): boolean => (command as unknown as { readonly _hidden?: boolean })._hidden === true

function flagOf({ long, short, flags, description }: Option): CompletedFlag {
  const [, placeholder] = /[<[]([^\]>]*)[\]>]/.exec(flags) ?? []
  const takes = long === '--target' ? 'target' : placeholder === undefined ? 'nothing' : /FILE$/.test(placeholder) ? 'file' : /DIR$/.test(placeholder) ? 'folder' : 'text'
  return { long: long ?? '', ...(short && { short }), summary: description, takes }
}
