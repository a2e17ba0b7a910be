import { instanceNumbers } from '../db/pglite/instance.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { openApp, type App, type OpenAppError } from './open-app.ts'
import type { AppOptions } from './options.ts'

export interface Resumable {
  readonly app: App
  readonly buildId: number
}

/** A build; absent: the latest. `instance`: the embedded database that it is in; absent: any. */
export interface WantedBuild {
  readonly instance?: number
  readonly build?: number
}

/** `nothing-unfinished`: no database that can be opened has such a build. */
export type OpenResumableError = OpenAppError | { readonly kind: 'nothing-unfinished' }

/** Opens the database that holds an unfinished build whose process is gone. */
export async function openResumable(options: AppOptions, { instance, build }: WantedBuild): Promise<Result<Resumable, OpenResumableError>> {
  for (const number of instance === undefined ? await instanceNumbers(options.data) : [instance]) {
    const opened = await openApp(options, { instance: number })
    if (!opened.ok) {
      if (instance === undefined && opened.error.kind === 'database-held') continue
      return opened
    }
    const app = opened.value
    const unfinished = await app.stores.builds.list({ unfinished: true })
    const found = unfinished.find((candidate) => (build === undefined ? candidate.kind === 'job' : candidate.id === build))
    if (found !== undefined) return ok({ app, buildId: found.id })
    await app.close()
  }
  return fail({ kind: 'nothing-unfinished' })
}
