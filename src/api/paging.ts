import { fail, ok, type Result } from '../model/result.ts'
import { buildStatuses, type BuildStatus } from '../model/event.ts'
import type { Page } from './ports.ts'
import type { Headers } from './reply.ts'

const usual = 100
const most = 10_000

/** The page that a query asks for. The error is a sentence. `ids`: whether a greater one is a newer one. */
export function pageOf(query: URLSearchParams, { ids }: { readonly ids: 'ordered' | 'unordered' } = { ids: 'ordered' }): Result<Page, string> {
  const number = (name: string): number | undefined => {
    const text = query.get(name) ?? ''
    return /^\d{1,15}$/.test(text) && Number(text) > 0 ? Number(text) : undefined
  }
  const byTime = (query.get('timestamps') ?? '') !== ''
  const [from, to, limit = usual] = [number('from'), number('to'), number('limit')]
  if (limit > most) return fail(`limit is at most ${most}`)
  if (ids === 'ordered' && from !== undefined && to !== undefined && from > to) return fail('from must not be greater than to')
  const statuses = (query.get('status') ?? '').split(',').filter((name) => name !== '')
  const wrong = statuses.find((name) => !(buildStatuses as readonly string[]).includes(name))
  if (wrong !== undefined) return fail(`there is no status ${JSON.stringify(wrong.slice(0, 50))}; builds are ${buildStatuses.join(', ')}`)
  // A time is a whole second: a build that started within the last one counts.
  const [first, last] = byTime ? [from && from * 1000, to && to * 1000 + 999] : [from, to]
  return ok({
    limit,
    ...(first !== undefined && { from: first }),
    ...(last !== undefined && { to: last }),
    ...(byTime && { by: 'start' as const }),
    ...(statuses.length > 0 && { statuses: statuses as BuildStatus[] }),
  })
}

/** The header Link of a page: `next` leads to what is older, `previous` to what is newer. */
export function linkOf(base: string, query: URLSearchParams, limit: number, { older, newer }: { readonly older?: number; readonly newer?: number }): Headers {
  const kept = [...query].filter(([name]) => name === 'vars' || name === 'status' || name === 'filter' || name.startsWith('vars.'))
  const link = (name: 'from' | 'to', id: number, rel: string): string =>
    `<${base}?${new URLSearchParams([[name, String(id)], ['limit', String(limit)], ...kept]).toString()}>; rel="${rel}"`
  const links = [...(newer === undefined ? [] : [link('from', newer, 'previous')]), ...(older === undefined ? [] : [link('to', older, 'next')])]
  return links.length === 0 ? {} : { Link: links.join(', ') }
}
