import type { Log } from '../../lib/log.ts'
import type { LoginProviders } from '../login-options.ts'
import type { RedirectConnector, TokenConnector } from './connector.ts'
import { GithubConnector } from './github.ts'
import { OidcConnector } from './oidc.ts'
import { gitea, gitlab, microsoft } from './presets.ts'

export interface Connectors {
  readonly connectors: readonly RedirectConnector[]
  readonly tokenConnectors: readonly TokenConnector[]
}

/** In the order of the login page. */
export function openConnectors({ oidc, github, ...presets }: LoginProviders, log: Log): Connectors {
  const options = [
    ...(oidc ? [{ id: 'oidc', ...oidc }] : []),
    ...(presets.gitlab ? [gitlab(presets.gitlab)] : []),
    ...(presets.microsoft ? [microsoft(presets.microsoft)] : []),
    ...(presets.gitea ? [gitea(presets.gitea)] : []),
  ]
  const ofOpenId = options.map((one) => new OidcConnector(one, log))
  return { connectors: [...ofOpenId, ...(github ? [new GithubConnector(github, log)] : [])], tokenConnectors: ofOpenId }
}
