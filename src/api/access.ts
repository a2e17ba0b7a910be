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
  /** The role in the build's team, or its pipeline is public (`public-job`: and its job as well). */
  | { readonly kind: 'build-read'; readonly role: Role; readonly strangers: 'public-pipeline' | 'public-job' }
  | { readonly kind: 'build-write'; readonly role: Role }

/** What is known of the request's subject. What is not there is told apart only for those who may know. */
export interface Target {
  readonly team?: string
  readonly pipelinePublic: boolean
  readonly jobPublic: boolean
}

export type Decision = 'allow' | 'unauthenticated' | 'forbidden'

/** Strangers learn nothing of what exists: a build or a pipeline that is not there is refused like one that is private. */
export function decide(access: Access, principal: Principal, target: Target): Decision {
  if (principal.kind === 'invalid') return 'unauthenticated'
  const refused = principal.kind === 'anonymous' ? 'unauthenticated' : 'forbidden'
  const member = (role: Role): boolean => (principal.kind === 'user' && principal.admin) || (target.team !== undefined && hasRole(principal, target.team, role))
  switch (access.kind) {
    case 'public':
      return 'allow'
    case 'authenticated':
      return principal.kind === 'user' ? 'allow' : refused
    case 'team':
    case 'build-write':
      return member(access.role) ? 'allow' : refused
    case 'pipeline':
      return target.pipelinePublic || member(access.role) ? 'allow' : refused
    case 'build-read': {
      const open = target.pipelinePublic && (access.strangers === 'public-pipeline' || target.jobPublic)
      return open || member(access.role) ? 'allow' : refused
    }
  }
}
