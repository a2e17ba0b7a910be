import { formatVars } from './instance-vars.ts'
import type { BuildView, LineRange, Paging, PipelineId, Route } from './route.ts'

/** The URL of a route: path, query and hash, as Concourse writes them. */
export function formatRoute(route: Route): string {
  const { path, query = [], hash = '' } = partsOf(route)
  const all = route.hideUi ? [...query, 'hide_ui=true'] : query
  return `/${path.map(encodeURIComponent).join('/')}${all.length === 0 ? '' : `?${all.join('&')}`}${hash}`
}

interface Parts {
  readonly path: readonly string[]
  readonly query?: readonly string[]
  readonly hash?: string
}

function partsOf(route: Route): Parts {
  switch (route.page) {
    case 'dashboard':
      return { path: route.dense ? ['hd'] : [], query: [...field('search', route.search), ...field('view', route.all && 'all')] }
    case 'pipeline':
      return of(route.id, [], [...route.groups.flatMap((group) => field('group', group, true)), ...field('show', route.show), ...field('job', route.job)])
    case 'pipeline-config':
      return of(route.id, ['config'], [...field('version', route.version?.toString()), ...field('from', route.from?.toString()), ...field('job', route.job)])
    case 'job':
      return of(route.id, ['jobs', route.job], page(route.paging))
    case 'job-build':
      return { ...of(route.id, ['jobs', route.job, 'builds', route.build], view(route.view)), hash: formatLines(route.view.lines) }
    case 'build':
      return { path: ['builds', String(route.build)], query: view(route.view), hash: formatLines(route.view.lines) }
    case 'resource':
      return of(route.id, ['resources', route.resource], [...page(route.paging), ...route.filter.flatMap(([key, value]) => field('filter', `${key}:${value}`))])
    case 'causality':
      return of(route.id, ['resources', route.resource, 'causality', String(route.version), route.direction])
    case 'builds':
      return { path: ['builds'], query: [...field('status', route.status), ...field('team', route.team)] }
    case 'team':
      return { path: ['teams', route.team] }
    case 'download-fly':
    case 'account':
    case 'admin':
      return { path: [route.page] }
    case 'not-found':
      return { path: [] }
  }
}

const of = (id: PipelineId, path: readonly string[], query: readonly string[] = []): Parts => ({
  path: ['teams', id.team, 'pipelines', id.pipeline, ...path],
  query: [...(id.vars === undefined ? [] : formatVars(id.vars)), ...query],
})

function field(name: string, value: string | undefined, evenEmpty = false): string[] {
  return value === undefined || (value === '' && !evenEmpty) ? [] : [`${name}=${encodeURIComponent(value)}`]
}

function page(paging: Paging | undefined): string[] {
  if (paging === undefined) return []
  return ['from' in paging ? `from=${paging.from}` : `to=${paging.to}`, `limit=${paging.limit}`]
}

const view = ({ step, tab, q }: BuildView): string[] => [...field('step', step), ...field('tab', tab), ...field('q', q)]

/** `#L<plan>:<first>[:<last>]`, or nothing. */
export function formatLines(lines: LineRange | undefined): string {
  return lines === undefined ? '' : `#L${lines.plan.replace(/[^\w/.-]/gu, encodeURIComponent)}:${lines.first}${lines.last === undefined ? '' : `:${lines.last}`}`
}
