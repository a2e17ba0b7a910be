import type { Result } from '../../model/result.ts'
import type { Identity } from '../../model/team.ts'

/** What ties a browser to the login that it began; it keeps it in a sealed cookie. */
export interface LoginCheck {
  readonly state: string
  readonly nonce: string
  /** Of PKCE. */
  readonly verifier: string
}

/** An identity provider that people are sent to. Errors are for people and hold no secrets. */
export interface RedirectConnector {
  readonly id: string
  /** As the login page calls it. */
  readonly name: string
  /** Where the browser goes. */
  start(redirectUri: string): Promise<Result<{ readonly url: string; readonly check: LoginCheck }, string>>
  /** Who it is that comes back. `callback`: the address that the browser was sent to. */
  finish(callback: URL, check: LoginCheck): Promise<Result<Identity, string>>
}

/** Takes tokens of a provider for a login (RFC 8693). */
export interface TokenConnector {
  readonly id: string
  readonly issuer: string
  /** Whose id token it is, if it was made for this installation and holds. */
  identify(idToken: string): Promise<Result<Identity, string>>
}
