import { expect, it } from 'vitest'
import { ok } from '../../model/result.ts'
import { allTags } from './list-tags.ts'

const context = { target: { registry: 'registry.example', repository: 'app' } }
const limits = { pages: 3, tags: 6 }

/** Pages without end, each with a path of its own. */
const endless = (tags: (page: number) => readonly string[], last = Infinity) => {
  let pages = 0
  const page = () => {
    pages += 1
    return Promise.resolve(ok({ tags: tags(pages), next: pages < last ? `/v2/app/tags/list?last=${pages}` : undefined }))
  }
  return { page, asked: () => pages }
}

it('reads pages and tags up to the limits', async () => {
  const { page } = endless((n) => [`${n}-a`, `${n}-b`], 3)
  expect(await allTags(context, page, limits)).toEqual(ok(['1-a', '1-b', '2-a', '2-b', '3-a', '3-b']))
})

it('fails at one page more', async () => {
  const { page, asked } = endless(() => ['same'])
  expect(await allTags(context, page, limits)).toMatchObject({ ok: false, error: { detail: 'its list of tags has more than 3 pages' } })
  expect(asked()).toBe(3)
})

it('fails at one tag more', async () => {
  const { page, asked } = endless((n) => [`${n}-a`, `${n}-b`, `${n}-c`])
  expect(await allTags(context, page, limits)).toMatchObject({ ok: false, error: { detail: 'it has more than 6 tags: name one by `tag`' } })
  expect(asked()).toBe(3)
})
