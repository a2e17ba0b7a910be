import { buildPorts, storeFolder } from '../../app/build-ports.ts'
import type { App } from '../../app/open-app.ts'
import type { CreatedBuild } from '../../builds/ports.ts'
import { follow, type FollowOptions } from './follow.ts'
import { createRun, type NewRun } from '../../builds/create-run.ts'
import { noticeWords, runError } from './run-words.ts'

/** How a build is shown. */
export type Shown = Omit<FollowOptions, 'app' | 'build' | 'hideSuccess'>

export interface WantedRun extends Omit<NewRun, 'localInputs'> {
  /** `--input NAME=DIR`. */
  readonly localFolders: ReadonlyMap<string, string>
}

export interface StartRunOptions {
  readonly say: (line: string) => void
  readonly shown: Shown
  /** Told the id of each build that is created, the one that checks the inputs too. */
  readonly onBuild: (buildId: number) => void
}

/** Creates the build of a run, and shows how its inputs are chosen and checked. Throws a CommandError when that fails. */
export async function startRun(app: App, { localFolders, ...run }: WantedRun, { say, shown, onBuild }: StartRunOptions): Promise<CreatedBuild> {
  const localInputs = new Map([...localFolders].map(([name, folder]) => [name, () => storeFolder(app, folder)]))
  const observer = {
    notice: (notice: Parameters<typeof noticeWords>[0]) => say(noticeWords(notice, localFolders)),
    checking: async (build: CreatedBuild) => {
      onBuild(build.buildId)
      await follow({ ...shown, app, build, hideSuccess: true })
    },
  }
  const created = await createRun(buildPorts(app), { ...run, localInputs }, observer, shown.signal)
  if (!created.ok) throw runError(created.error, localFolders)
  onBuild(created.value.buildId)
  return created.value
}
