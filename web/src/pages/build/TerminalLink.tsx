import type { Build, Step } from '../../api/types.ts'
import { mayCall } from '../../store/user.ts'

/** Opens a shell in the step's container, where it runs or is kept: a page of its own. */
export function TerminalLink({ build: { team_name: team }, step: { container } }: { readonly build: Build; readonly step: Step }): preact.JSX.Element | null {
  if (container === undefined) return null
  if (!mayCall(team, 'HijackContainer')) {
    return (
      <button aria-disabled="true" title={`You need the role member in team ${team}`}>
        Open terminal
      </button>
    )
  }
  return (
    <a class="button" target="_blank" rel="noopener" href={`/terminal?${new URLSearchParams({ team, handle: container.handle })}`}>
      Open terminal
    </a>
  )
}
