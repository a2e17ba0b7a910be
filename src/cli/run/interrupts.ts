import { buildPorts } from '../../app/build-ports.ts'
import type { App } from '../../app/open-app.ts'
import { messageOf } from '../../lib/errors.ts'
import { abortBuild } from '../../builds/abort-build.ts'

/**
 * Ctrl-C aborts the build and waits for it, hooks included; a second one ends at once and says what is left behind.
 */
export function onInterrupt(app: App, buildId: () => number | undefined, say: (line: string) => void, exit: (status: number) => never): () => void {
  let times = 0
  const handler = (signal: NodeJS.Signals): void => {
    times += 1
    const id = buildId()
    if (times === 1 && id !== undefined) {
      say(`${signal === 'SIGINT' ? 'interrupted' : 'terminated'}: aborting the build; once more to leave at once`)
      void abortBuild(buildPorts(app), id)
      return
    }
    void leave(app, id, say).finally(() => exit(130))
  }
  process.on('SIGINT', handler)
  process.on('SIGTERM', handler)
  return () => {
    process.off('SIGINT', handler)
    process.off('SIGTERM', handler)
  }
}

async function leave(app: App, buildId: number | undefined, say: (line: string) => void): Promise<void> {
  if (buildId === undefined) return
  say(`left behind: build ${buildId}${await containersOf(app, buildId)}`)
  say(`airside run --resume ${buildId} goes on with it; airside clean removes it`)
}

async function containersOf(app: App, buildId: number): Promise<string> {
  try {
    const handles = (await app.services.runtime.list()).filter(({ metadata }) => metadata.buildId === buildId).map(({ handle }) => handle)
    return handles.length === 0 ? ', no containers' : ` and its containers ${handles.join(', ')}`
  } catch (error) {
    return `; which containers it has is not known: ${messageOf(error)}`
  }
}
