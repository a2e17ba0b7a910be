import { hasRole, type Principal } from '../auth/roles.ts'
import type { Role } from '../model/team.ts'

/** Who may use a route. */
export type Access =
  /** No token is needed; one that is given must be valid. */
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated' }
  /** The role in the path's team. */
  | { readonly kind: 'team'; readonly role: Role }
  /** The same, or the pipeline is public. */
  | { readonly kind: 'pipeline'; readonly role: Role }
  /** The role in the build's team; anyone if the pipeline is public (`public-job`: and the job is, too). */
  | { readonly kind: 'build-read'; readonly role: Role; readonly openIn: 'public-pipeline' | 'public-job' }
  | { readonly kind: 'build-write'; readonly role: Role }
  /** A role in some team. */
  | { readonly kind: 'any-role' }
  /** An owner of a team of admins. */
  | { readonly kind: 'admin' }

/** Whose the request's pipeline or build is, and whether it is public. `team` is undefined where it does not exist. */
export interface Target {
  readonly team?: string
  readonly pipelinePublic: boolean
  readonly jobPublic: boolean
}

export type Decision = 'allow' | 'unauthenticated' | 'forbidden'

/** A build or pipeline that does not exist gets the same answer as a private one, so that callers without access cannot tell which names exist. */
export function decide(access: Access, principal: Principal, target: Target): Decision {
  if (principal.kind === 'invalid') return 'unauthenticated'
  const refused = principal.kind === 'anonymous' ? 'unauthenticated' : 'forbidden'
  const member = (role: Role): boolean => (principal.kind === 'user' && principal.admin) || (target.team !== undefined && hasRole(principal, target.team, role))
  switch (access.kind) {
    case 'public':
      return 'allow'
    case 'authenticated':
      return principal.kind === 'user' ? 'allow' : refused
    case 'any-role':
      return principal.kind === 'user' && (principal.admin || principal.roles.size > 0) ? 'allow' : refused
    case 'admin':
      return principal.kind === 'user' && principal.admin ? 'allow' : refused
    case 'team':
    case 'build-write':
      return member(access.role) ? 'allow' : refused
    case 'pipeline':
      return target.pipelinePublic || member(access.role) ? 'allow' : refused
    case 'build-read': {
      const open = target.pipelinePublic && (access.openIn === 'public-pipeline' || target.jobPublic)
      return open || member(access.role) ? 'allow' : refused
    }
  }
}
