/** A fenced block of commands in a document. */
export interface Commands {
  /** Of the first command. */
  readonly line: number
  readonly script: string
  /** Why the tests do not run it, when the document says so. */
  readonly notRun: string | undefined
}

const open = /^```(\S*)\s*$/
const reason = /^<!-- not run by the tests: (.+) -->$/

/**
 * The shell commands of a Markdown document: its blocks of the language `sh`. The line before such a block may say why the tests do not run
 * it: `<!-- not run by the tests: it needs a cluster -->`. Throws for a block that names no language: it might hold commands.
 */
export function commandsOf(markdown: string): Commands[] {
  const lines = markdown.split('\n')
  const found: Commands[] = []
  for (let at = 0; at < lines.length; at++) {
    const language = open.exec(lines[at] ?? '')?.[1]
    if (language === undefined) continue
    if (language === '') throw new Error(`line ${at + 1}: the block names no language: write \`\`\`sh for commands, \`\`\`text for what is none`)
    const end = lines.indexOf('```', at + 1)
    if (end === -1) throw new Error(`line ${at + 1}: the block has no end`)
    if (language === 'sh') found.push({ line: at + 2, script: lines.slice(at + 1, end).join('\n'), notRun: reason.exec(lines[at - 1] ?? '')?.[1] })
    at = end
  }
  return found
}
