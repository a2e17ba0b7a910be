import { mkdir, mkdtemp, readdir, rename, rm, watch } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { testTemplate } from '../conformance/template-cache.ts'
import { migrate } from '../migrate.ts'
import { openPglite } from './pglite-db.ts'
import { createTemplate } from './template.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-template-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

it('opens a copy that is migrated, and leaves the template as it is', async () => {
  for (const name of ['one', 'two']) {
    const db = await openPglite({ dir: join(dir, name), template: testTemplate })
    await migrate(db, 5)
    expect(await db.query('select count(*) as count, max(applied_at) as at from migrations')).toMatchObject([{ at: 0 }])
    expect(await db.query('select * from settings')).toEqual([])
    await db.query(`insert into settings values ('a', 'x', false)`)
    await db.close()
  }
})

it('keeps its data when it is opened again, and begins anew after a copy that was not finished', async () => {
  const first = await openPglite({ dir, template: testTemplate })
  await first.query(`insert into settings values ('a', 'x', false)`)
  await first.close()
  const second = await openPglite({ dir, template: () => Promise.reject(new Error('a template is asked for though there is a database')) })
  expect(await second.query('select name from settings')).toEqual([{ name: 'a' }])
  await second.close()
  await rename(join(dir, 'pgdata'), join(dir, 'pgdata.new'))
  const third = await openPglite({ dir, template: testTemplate })
  expect(await third.query('select name from settings')).toEqual([])
  await third.close()
  expect((await readdir(dir)).filter((name) => name.startsWith('pgdata'))).toEqual(['pgdata'])
})

it('refuses a second opener, answers nothing after it is closed, and lets the next one in', async () => {
  const db = await openPglite({ dir, template: testTemplate })
  await expect(openPglite({ dir, template: testTemplate })).rejects.toThrow(`in use by process ${process.pid}`)
  const running = db.query('select 1 as one')
  await db.close()
  await db.close()
  expect(await running).toEqual([{ one: 1 }])
  await expect(db.query('select 1')).rejects.toMatchObject({ kind: 'closed' })
  await (await openPglite({ dir })).close()
})

it('does without a template whose folder is cleaned away while it is made', async () => {
  const cache = join(dir, 'cache')
  await mkdir(cache)
  const changes = watch(cache)
  const made = createTemplate(cache, Date.now())
  for await (const _change of changes) if ((await readdir(cache)).length > 0) break
  await rename(cache, join(dir, 'removed'))
  const db = await openPglite({ dir: join(dir, 'one'), template: () => made })
  expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
  await db.close()
})
