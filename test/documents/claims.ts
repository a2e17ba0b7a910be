import { Command } from 'commander'
import { addCommands } from '../../src/cli/commands/all.ts'

const program = new Command('airside')
addCommands(program)

/** A text of a document without its fenced blocks, whose lines are left empty so that line numbers stay. */
export function prose(markdown: string): string {
  let inside = false
  return markdown
    .split('\n')
    .map((line) => {
      const fence = line.startsWith('```')
      if (fence) inside = !inside
      return inside || fence ? '' : line
    })
    .join('\n')
}

const known = (command: Command): Set<string> => new Set([...command.options.flatMap(({ long, short }) => [long, short]), '--help', '-h'].filter((flag) => flag !== null && flag !== undefined))

const allFlags = new Set([program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)].flatMap((command) => [...known(command)]))

/** What is wrong with the command lines of airside in a script: an unknown command, or a flag that the command does not have. */
export function wrongCommandLines(script: string): string[] {
  const lines = [...script.replaceAll('\\\n', ' ').matchAll(/(?:^|[\s(/`])airside[ \t]+([^\n`#|)]*)/g)]
  return lines.flatMap(([, rest = '']) => {
    const words = rest.trim().split(/\s+/)
    const first = words[0] ?? ''
    if (first.startsWith('-')) return words.flatMap((word) => (/^--?[a-z]/.test(word) && !allFlags.has(flagOf(word)) ? [`airside: no flag ${word}`] : []))
    if (!/^[a-z-]+$/.test(first)) return []
    let command = program.commands.find((one) => one.name() === first || one.aliases().includes(first))
    if (command === undefined) return [`airside has no command ${first}`]
    const below = command.commands.find((one) => one.name() === words[1])
    command = below ?? command
    const flags = known(command)
    // What follows -- is another program's.
    const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words
    return own.flatMap((word) => (/^--?[a-z]/.test(word) && !flags.has(flagOf(word)) ? [`airside ${first} has no flag ${flagOf(word)}`] : []))
  })
}

const flagOf = (word: string): string => /^--?[a-zA-Z-]+/.exec(word)?.[0].replace(/-$/, '') ?? word

const otherPrograms = /`(?:kubectl|docker|podman|npm|node|openssl|git|go|fly|curl|containerd)\s[^`]*`/g

/** Long flags that prose names, and that no command of airside has. Those in a command of another program are that program's. */
export function unknownFlags(markdown: string): string[] {
  const text = prose(markdown).replaceAll(/<!--.*?-->/gs, '').replaceAll(otherPrograms, '')
  return [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*[a-z]/g)].map(([flag]) => flag).filter((flag) => !allFlags.has(flag))
}

/** Paths of files that a text names: from the repository's root, or as ARCHITECTURE.md has them, from src/ or the document's folder. */
export function namedFiles(markdown: string): string[] {
  const text = prose(markdown)
  const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target))
  const paths = [...text.matchAll(/(?<![\w./:@-])(?:[\w-]+\/)+[\w.-]*\.(?:ts|mjs|go|md|yml|yaml|sql|json|svg)\b/g)].map(([path]) => path)
  const folders = [...text.matchAll(/(?<![\w./:@-])(?:src|test|supervisor|scripts|bench|deploy|examples|docs)\/(?:[\w-]+\/)*(?![\w.*{-])/g)].map(([path]) => path)
  return [...new Set([...links, ...paths, ...folders])]
}

/** Messages that a table quotes in its first column, and the pieces of each between the places where … stands for something. */
export function quotedMessages(markdown: string): { readonly message: string; readonly pieces: readonly string[] }[] {
  return [...markdown.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message = '']) => ({
    message,
    pieces: message.split('…').map((piece) => piece.trim().replace(/^[:;,"]+|[:;,"]+$/g, '').trim()).filter((piece) => piece.length > 3),
  }))
}
