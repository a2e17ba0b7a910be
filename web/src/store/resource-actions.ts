import type { Build, ResourceVersion } from '../api/types.ts'
import { formatRoute } from '../routes/format.ts'
import type { PipelineId } from '../routes/route.ts'
import type { Action } from './action.ts'
import { fly, flyName } from './fly.ts'
import { apiPath } from './paths.ts'
import { impossibleIf } from './pipeline-actions.ts'

export interface ResourceNow {
  readonly id: PipelineId
  readonly resource: string
  readonly archived: boolean
}

type Version = Readonly<Record<string, string>>

function action({ id, resource, archived }: ResourceNow, below: readonly string[]): Pick<Action, 'team' | 'path' | 'role' | 'method' | 'impossible'> {
  return { team: id.team, path: apiPath(id, ['resources', resource, ...below]), role: 'pipeline-operator', method: 'PUT', ...impossibleIf(archived) }
}

/** As fly's options have a version: a `KEY:VALUE` for each field. */
const asOptions = (name: string, version: Version): string[] => Object.entries(version).flatMap(([key, value]) => [name, `${key}:${value}`])

/** A build that checks the resource, from a version on where one is given. */
export function check(now: ResourceNow, from?: Version): Action {
  return {
    ...action(now, ['check']),
    label: from === undefined ? 'Check now' : 'Check',
    route: 'CheckResource',
    method: 'POST',
    body: { from: from ?? null },
    fly: fly('check-resource', '-r', flyName(now.id, now.resource), ...asOptions('-f', from ?? {})),
    said: async (answer) => {
      const build = (await answer.json()) as Build
      return { text: `${now.resource} is checked:`, link: { text: `build ${build.id}`, href: formatRoute({ page: 'build', build: build.id, view: {} }) } }
    },
  }
}

export function pin(now: ResourceNow, { id, version }: ResourceVersion): Action {
  return { ...action(now, ['versions', String(id), 'pin']), label: 'Pin', route: 'PinResourceVersion', fly: fly('pin-resource', '-r', flyName(now.id, now.resource), ...asOptions('-v', version)) }
}

export function unpin(now: ResourceNow, inConfig: boolean): Action {
  const base = action(now, ['unpin'])
  return {
    ...base,
    label: 'Unpin',
    route: 'UnpinResource',
    fly: fly('unpin-resource', '-r', flyName(now.id, now.resource)),
    ...(inConfig && { impossible: 'The version is pinned in the config: remove it there' }),
  }
}

export function commentPin(now: ResourceNow, comment: string): Action {
  return { ...action(now, ['pin_comment']), label: 'Save', route: 'SetPinCommentOnResource', body: { pin_comment: comment }, fly: fly('pin-resource', '-r', flyName(now.id, now.resource), '-c', comment) }
}

export function enableOrDisable(now: ResourceNow, { id, version, enabled }: ResourceVersion): Action {
  const verb = enabled ? 'disable' : 'enable'
  return {
    ...action(now, ['versions', String(id), verb]),
    label: enabled ? 'Disable' : 'Enable',
    route: enabled ? 'DisableResourceVersion' : 'EnableResourceVersion',
    fly: fly(`${verb}-resource-version`, '-r', flyName(now.id, now.resource), ...asOptions('-v', version)),
  }
}

export function clear({ id, resource }: ResourceNow): Action {
  return {
    label: 'Clear versions',
    team: id.team,
    route: 'ClearResourceVersions',
    role: 'admin',
    method: 'DELETE',
    path: apiPath(id, ['resources', resource, 'versions']),
    fly: fly('clear-versions', '--resource', flyName(id, resource)),
    confirm: {
      title: `Clear all versions of ${resource}?`,
      text: 'All resources that share its type, source and versions lose them too. The next checks find versions again, and what they find starts builds.',
      name: resource,
    },
    said: async (answer) => {
      const { versions_removed: removed } = (await answer.json()) as { readonly versions_removed: number }
      return { text: `${resource}: ${removed} versions removed` }
    },
  }
}
