import type { Help, HelpConfiguration } from 'commander'

const widest = 100
/** Longer terms do not push the column of all others to the right. */
const column = 34

/** Help that shows one line for each flag where it can. */
export const helpLayout: HelpConfiguration = {
  sortSubcommands: false,
  helpWidth: Math.min(process.stdout.columns ?? widest, widest),
  optionTerm: ({ flags, short, parseArg: repeated }) => `${short === undefined ? '    ' : ''}${flags.replace(/[<>]/g, '')}${repeated ? '...' : ''}`,
  subcommandTerm: (command) => `${command.name()} ${command.usage().replaceAll(/\[options\] ?|\[command\]/g, '').replaceAll(/[<>]/g, '')}`.trim(),
  padWidth: (command, helper) => Math.min(column, Math.max(helper.longestOptionTermLength(command, helper), helper.longestSubcommandTermLength(command, helper), helper.longestArgumentTermLength(command, helper))),
  formatItem(term, termWidth, description, helper) {
    const width = this.helpWidth ?? widest
    if (term.length > termWidth && 2 + term.length + 2 + description.length <= width) return `  ${term}  ${description}`
    const first = term.length > termWidth ? `  ${term}\n${' '.repeat(termWidth + 4)}` : `  ${term.padEnd(termWidth)}  `
    return first + boxed(helper, description, width - termWidth - 4).replaceAll('\n', `\n${' '.repeat(termWidth + 4)}`)
  },
}

const boxed = (helper: Help, text: string, width: number): string => helper.boxWrap(text, Math.max(width, 30))
