import { signal } from '@preact/signals'
import { shownVars } from '../routes/instance-vars.ts'
import type { PipelineId, Place, Route } from '../routes/route.ts'
import { href } from '../store/navigation.ts'
import css from './Breadcrumb.module.css'

export interface Crumb {
  readonly text: string
  readonly place?: Place
}

/** Of a build that the URL names by its id, once it is known what it is of. */
export const crumbsOfBuild = signal<readonly Crumb[] | undefined>(undefined)

/** Letters. */
const short = 8

/** Where the page is: `main / shop / unit / #318`; each part but the last leads there. */
export function Breadcrumb({ route }: { readonly route: Route }): preact.JSX.Element {
  const crumbs = (route.page === 'build' && crumbsOfBuild.value) || crumbsOf(route)
  return (
    <nav class={css.crumbs} aria-label="Breadcrumb">
      <ol>
        {crumbs.map(({ text, place }, index) => (
          <li key={index} class={text.length > short ? css.long : ''}>{place === undefined ? <span aria-current="page">{text}</span> : <a href={href(place)} title={text}>{text}</a>}</li>
        ))}
      </ol>
    </nav>
  )
}

function crumbsOf(route: Route): Crumb[] {
  switch (route.page) {
    case 'dashboard':
      return [{ text: 'Dashboard' }]
    case 'pipeline':
      return inTeam(route.id, [])
    case 'pipeline-config':
      return inTeam(route.id, [{ text: 'config' }])
    case 'job':
      return inTeam(route.id, [{ text: route.job }])
    case 'job-build':
      return inTeam(route.id, [{ text: route.job, place: { page: 'job', id: route.id, job: route.job } }, { text: `#${route.build}` }])
    case 'resource':
      return inTeam(route.id, [{ text: route.resource }])
    case 'causality':
      return inTeam(route.id, [{ text: route.resource, place: { page: 'resource', id: route.id, resource: route.resource, filter: [] } }, { text: route.direction }])
    case 'build':
      return [{ text: 'Builds', place: { page: 'builds' } }, { text: `#${route.build}` }]
    case 'builds':
      return [{ text: 'Builds' }]
    case 'team':
      return [{ text: 'Teams' }, { text: route.team }]
    case 'download-fly':
      return [{ text: 'Download fly' }]
    case 'account':
      return [{ text: 'Account' }]
    case 'admin':
      return [{ text: 'Administration' }]
    case 'not-found':
      return [{ text: 'No such page' }]
  }
}

export function inTeam(id: PipelineId, rest: readonly Crumb[]): Crumb[] {
  const name = id.vars === undefined ? id.pipeline : `${id.pipeline}/${shownVars(id.vars)}`
  const pipeline: Crumb = rest.length === 0 ? { text: name } : { text: name, place: { page: 'pipeline', id, groups: [] } }
  return [{ text: id.team, place: { page: 'dashboard', search: `team:"${id.team}"` } }, pipeline, ...rest]
}
