import { diffText, type ItemDiff } from '../../config/config-diff.ts'
import { visible } from '../../lib/visible.ts'
import { colorsFor } from '../colors.ts'
import { terminal } from '../terminal.ts'

/** What changes in a pipeline, as `fly set-pipeline` shows it. */
export function showDiff(changes: readonly ItemDiff[]): void {
  const { red, green } = colorsFor(process.stdout)
  const paint = { removed: red, added: green, same: (line: string) => line }
  for (const { change, text } of diffText(changes)) terminal.log(`${paint[change](visible(text))}\n`)
}
