import { createInterface } from 'node:readline/promises'
import { CommandError } from '../exit.ts'

/** What a person types as the answer; a script is told how to go on without one. */
export async function answerTo(question: string): Promise<string> {
  if (!process.stdin.isTTY) throw new CommandError('nobody can be asked here; --non-interactive goes on without asking')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await lines.question(`${question} `)).trim()
  } finally {
    lines.close()
  }
}
