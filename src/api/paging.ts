import { fail, ok, type Result } from '../model/result.ts'
import type { ListedBuild } from '../model/listed-build.ts'
import type { Page } from './ports.ts'

const usual = 100
const most = 10_000

/** The page that a query asks for. The error is a sentence. */
export function pageOf(query: URLSearchParams): Result<Page, string> {
  const number = (name: string): number | undefined => {
    const text = query.get(name) ?? ''
    return /^\d{1,15}$/.test(text) && Number(text) > 0 ? Number(text) : undefined
  }
  const [from, to, limit = usual] = [number('from'), number('to'), number('limit')]
  if (limit > most) return fail(`limit is at most ${most}`)
  if (from !== undefined && to !== undefined && from > to) return fail('from must not be greater than to')
  return ok({ limit, ...(from !== undefined && { from }), ...(to !== undefined && { to }) })
}

/** The header Link of a page: `next` leads to older builds, `previous` to newer ones. */
export function linkOf(base: string, query: URLSearchParams, { limit }: Page, builds: readonly ListedBuild[]): Readonly<Record<string, string>> {
  const ids = builds.map(({ id }) => id)
  if (ids.length === 0) return {}
  const vars = [...query].filter(([name]) => name === 'vars' || name.startsWith('vars.'))
  const link = (name: 'from' | 'to', id: number, rel: string): string =>
    `<${base}?${new URLSearchParams([[name, String(id)], ['limit', String(limit)], ...vars]).toString()}>; rel="${rel}"`
  const oldest = Math.min(...ids)
  const links = [link('from', Math.max(...ids) + 1, 'previous'), ...(oldest > 1 && ids.length >= limit ? [link('to', oldest - 1, 'next')] : [])]
  return { Link: links.join(', ') }
}
