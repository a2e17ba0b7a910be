import { createInterface } from 'node:readline/promises'
import { CommandError } from '../exit.ts'
import { terminal } from '../terminal.ts'
import { failedStatus } from './session.ts'

/** The one that a person chooses of several; a script is told to say more. */
export async function chooseContainer<T>(choices: readonly T[], describe: (choice: T) => string): Promise<T> {
  const listed = choices.map((choice, index) => `${index + 1}: ${describe(choice)}`)
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new CommandError(['several containers match; say more (--step, --attempt, --handle …):', ...listed].join('\n'), failedStatus)
  }
  terminal.say(listed.join('\n'))
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    for (;;) {
      const answer = await lines.question('which container? ').catch(() => '')
      const choice = choices[Number(answer) - 1]
      if (choice !== undefined) return choice
      if (answer === '') throw new CommandError('no container was chosen', failedStatus)
    }
  } finally {
    lines.close()
  }
}
