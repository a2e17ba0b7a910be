import { useRef } from 'preact/hooks'
import type { Build, Step } from '../../api/types.ts'
import { OfferButton } from '../../parts/OfferButton.tsx'
import { terminalUrl } from '../../parts/terminal-url.ts'
import { useOffer } from '../../parts/use-offer.tsx'
import { mayCall } from '../../store/user.ts'

const title = 'Open terminal'

/** Opens a shell in the step's container, where it runs or is kept: a page of its own. */
export function TerminalLink({ build: { team_name: team }, step: { container } }: { readonly build: Build; readonly step: Step }): preact.JSX.Element | null {
  if (container === undefined) return null
  if (!mayCall(team, 'HijackContainer')) return <OfferButton name={title} refusal={`You need the role member in team ${team}`} onPress={() => undefined}>{title}</OfferButton>
  return <Link href={terminalUrl(team, container.handle)} />
}

function Link({ href }: { readonly href: string }): preact.JSX.Element {
  const link = useRef<HTMLAnchorElement>(null)
  useOffer(link, { title, refusal: undefined, run: () => link.current?.click() })
  return (
    <a ref={link} class="button" target="_blank" rel="noopener" href={href}>
      {title}
    </a>
  )
}
