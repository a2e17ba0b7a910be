import type { OidcOptions } from './oidc.ts'

/** A client that was registered at a provider. */
export interface Client {
  readonly clientId: string
  readonly clientSecret: string
}

const common = { userNameKey: 'username', groupsKey: 'groups', userInfo: true, authorities: [] } as const

/** `host`: https://gitlab.example of one's own. Groups are full paths: `acme/web`. */
export const gitlab = ({ host, ...client }: Client & { readonly host?: string }): OidcOptions => ({ ...common, ...client, id: 'gitlab', name: 'GitLab', issuer: host ?? 'https://gitlab.com', scopes: ['profile', 'email'] })

/** One tenant: people of any other could choose names that team auth grants something to. Groups are their object ids. */
export const microsoft = ({ tenant, ...client }: Client & { readonly tenant: string }): OidcOptions => ({
  ...common, ...client, id: 'microsoft', name: 'Microsoft', issuer: `https://login.microsoftonline.com/${tenant}/v2.0`, scopes: ['profile', 'email'],
})

/** Groups are organisations and `organisation:team`. */
export const gitea = ({ host, displayName, ...client }: Client & { readonly host: string; readonly displayName?: string }): OidcOptions => ({
  ...common, ...client, id: 'gitea', name: displayName ?? 'Gitea', issuer: host, scopes: ['profile', 'email', 'groups'],
})
