import { fail, ok, type Result } from '../model/result.ts'
import type { Role } from '../model/team.ts'
import type { Route } from './request.ts'

/**
 * Routes that Concourse does not have, by the one of Concourse that shows or does the same: a file that was written for Concourse, and gives that
 * another role, must not leave a way around it.
 */
const alike: Readonly<Record<string, string>> = {
  ListConfigVersions: 'GetConfig',
  GetConfigVersion: 'GetConfig',
  TryConfig: 'SaveConfig',
  RestoreConfig: 'SaveConfig',
}

/** The routes with other least roles; the error names the routes that have none. */
export function withRoles(routes: readonly Route[], roles: ReadonlyMap<string, Role>): Result<readonly Route[], string> {
  const left = new Set(roles.keys())
  const changed = routes.map((route): Route => {
    const role = roles.get(route.name) ?? roles.get(alike[route.name] ?? '')
    if (role === undefined || !('role' in route.access)) return route
    left.delete(route.name)
    return { ...route, access: { ...route.access, role } }
  })
  return left.size === 0 ? ok(changed) : fail(`no route whose role can be chosen is called ${[...left].slice(0, 20).join(', ')}`)
}
