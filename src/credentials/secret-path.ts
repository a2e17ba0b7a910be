import type { VarScope } from '../model/var.ts'

/**
 * A name as one segment of a path. Names of teams and pipelines are their owners' choice: written as they are, the pipeline `../other`
 * would read another team's secrets.
 */
export function pathSegment(name: string): string {
  const escaped = name.replaceAll('%', '%25').replaceAll('/', '%2F')
  return escaped === '.' || escaped === '..' ? escaped.replaceAll('.', '%2E') : escaped
}

/** Whether a var's name may stand at the end of a path. It may have folders, but leads to no folder above its own. */
export const isPathName = (name: string): boolean => name !== '' && !name.includes('\0') && !name.split('/').some((segment) => segment === '.' || segment === '..')

const placeholder = /\{\{-?\s*\.(Team|Pipeline|Secret)\s*-?\}\}/g

/** A path with `{{.Team}}`, `{{.Pipeline}}` and `{{.Secret}}` filled in; undefined: it names the pipeline, and there is none. */
export function fillTemplate(template: string, name: string, { team, pipeline }: VarScope): string | undefined {
  const values: Readonly<Record<string, string | undefined>> = { Team: pathSegment(team), Pipeline: pipeline === undefined ? undefined : pathSegment(pipeline), Secret: name }
  let missing = false
  const filled = template.replace(placeholder, (_, key: string) => {
    const value = values[key]
    missing ||= value === undefined
    return value ?? ''
  })
  return missing ? undefined : filled
}

/**
 * `anywhere`: a var's name may have folders. `below team`: only where the path names the team, since `other-team/secret` in
 * the folder of all teams is another team's secret.
 */
export type Folders = 'anywhere' | 'below team'

/** All templates that the scope can fill, in their order. */
export function fillTemplates(templates: readonly string[], name: string, scope: VarScope, folders: Folders = 'anywhere'): string[] {
  if (!isPathName(name)) return []
  const open = folders === 'anywhere' || !name.includes('/') ? templates : templates.filter((template) => /\{\{-?\s*\.Team\b/.test(template))
  return open.flatMap((template) => fillTemplate(template, name, scope) ?? [])
}
