import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testTemplate } from '../db/conformance/template-cache.ts'
import { openFreeInstance } from '../db/pglite/instance.ts'
import { silentLog } from '../lib/log.ts'
import { fail } from '../model/result.ts'
import { openResumable } from './open-resumable.ts'
import type { AppOptions } from './options.ts'

test('a database that another process holds is passed over, unless it is the wanted one', async () => {
  const data = await mkdtemp(join(tmpdir(), 'airside-resumable-'))
  const options: AppOptions = {
    data, runtime: { kind: 'docker' }, externalUrl: '', baseTypes: new Map(), prepareAhead: 0, nativeImageFetch: true, log: silentLog, progress: () => undefined,
  }
  const { db } = await openFreeInstance(data, testTemplate)
  try {
    expect(await openResumable(options, {})).toEqual(fail({ kind: 'nothing-unfinished' }))
    expect(await openResumable(options, { instance: 0, build: 1 })).toMatchObject({ ok: false, error: { kind: 'database-held', message: expect.stringContaining(data) as string } })
  } finally {
    await db.close()
    await rm(data, { recursive: true, force: true })
  }
})
