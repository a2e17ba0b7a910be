import { decode, parseVars } from './instance-vars.ts'
import type { BuildView, LineRange, Paging, PipelineId, Place, Route } from './route.ts'

interface Url {
  readonly segments: readonly string[]
  readonly query: string
  readonly params: URLSearchParams
  readonly hash: string
}

/** The route of a URL (path, query and hash). */
export function parseRoute(url: string): Route {
  const [beforeHash = '', ...afterHash] = url.split('#')
  const [path = '', ...afterPath] = beforeHash.split('?')
  const query = afterPath.join('?')
  const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/').map(decode)
  const params = new URLSearchParams(query)
  const place = placeOf({ segments, query, params, hash: afterHash.join('#') }) ?? { page: 'not-found', url }
  return { ...place, ...(params.get('hide_ui') === 'true' && { hideUi: true }) }
}

function placeOf(url: Url): Place | undefined {
  const [first = '', second = '', ...rest] = url.segments
  if (first === 'teams') return teamPlace(second, rest, url)
  if (url.segments.length > 2 || (second === '' && url.segments.length === 2)) return undefined
  if (first === 'builds' && second !== '') {
    const build = integer(second)
    return build === undefined ? undefined : { page: 'build', build, view: buildView(url) }
  }
  if (second !== '') return undefined
  switch (first) {
    case '':
      return dashboard(url, false)
    case 'hd':
      return dashboard(url, true)
    case 'builds':
      return { page: 'builds', ...text(url, 'status'), ...text(url, 'team') }
    case 'download-fly':
    case 'account':
    case 'admin':
      return { page: first }
    default:
      return undefined
  }
}

function dashboard({ params }: Url, dense: boolean): Place {
  const search = params.get('search') ?? ''
  return { page: 'dashboard', ...(search !== '' && { search }), ...(params.get('view') === 'all' && { all: true }), ...(dense && { dense: true }) }
}

function teamPlace(team: string, [kind, pipeline = '', ...rest]: readonly string[], url: Url): Place | undefined {
  if (team === '') return undefined
  if (kind === undefined) return { page: 'team', team }
  if (kind !== 'pipelines' || pipeline === '') return undefined
  const vars = parseVars(url.query)
  return pipelinePlace({ team, pipeline, ...(vars !== undefined && { vars }) }, rest, url)
}

function pipelinePlace(id: PipelineId, [part, name, under, item, ...more]: readonly string[], url: Url): Place | undefined {
  if (part === undefined) {
    const show = url.params.get('show')
    return { page: 'pipeline', id, groups: url.params.getAll('group'), ...((show === 'resources' || show === 'list') && { show }), ...text(url, 'job') }
  }
  if (part === 'config' && name === undefined) return { page: 'pipeline-config', id, ...number(url, 'version'), ...number(url, 'from'), ...text(url, 'job') }
  if (name === undefined || name === '') return undefined
  if (part === 'jobs') {
    if (under === undefined) return { page: 'job', id, job: name, ...paging(url) }
    return under === 'builds' && item !== undefined && item !== '' && more.length === 0 ? { page: 'job-build', id, job: name, build: item, view: buildView(url) } : undefined
  }
  if (part !== 'resources') return undefined
  if (under === undefined) return { page: 'resource', id, resource: name, ...paging(url), filter: url.params.getAll('filter').map(fieldOf) }
  const version = integer(item ?? '')
  const [direction, ...beyond] = more
  if (under !== 'causality' || version === undefined || beyond.length > 0 || (direction !== 'upstream' && direction !== 'downstream')) return undefined
  return { page: 'causality', id, resource: name, version, direction }
}

/** `key:value`, split at the first colon. */
function fieldOf(filter: string): readonly [string, string] {
  const [key = '', ...value] = filter.split(':')
  return [key, value.join(':')]
}

function paging({ params }: Url): { paging?: Paging } {
  const [from, to, limit] = ['from', 'to', 'limit'].map((name) => integer(params.get(name) ?? ''))
  if (limit === undefined || (from === undefined) === (to === undefined)) return {}
  return { paging: from === undefined ? { to: to ?? 0, limit } : { from, limit } }
}

function buildView(url: Url): BuildView {
  const lines = parseLines(url.hash)
  return { ...(lines !== undefined && { lines }), ...text(url, 'step'), ...text(url, 'tab'), ...text(url, 'q') }
}

/** The lines that a hash (without `#`) names. */
export function parseLines(hash: string): LineRange | undefined {
  const found = /^L([^:]+):(\d{1,9})(?::(\d{1,9}))?$/.exec(hash)
  if (found === null) return undefined
  const [, plan = '', first, last] = found
  return { plan: decode(plan), first: Number(first), ...(last !== undefined && { last: Number(last) }) }
}

function text<Name extends string>({ params }: Url, name: Name): { [key in Name]?: string } {
  const value = params.get(name)
  return value === null || value === '' ? {} : ({ [name]: value } as { [key in Name]: string })
}

function number<Name extends string>({ params }: Url, name: Name): { [key in Name]?: number } {
  const value = integer(params.get(name) ?? '')
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]: number })
}

const integer = (value: string): number | undefined => (/^\d{1,15}$/.test(value) ? Number(value) : undefined)
