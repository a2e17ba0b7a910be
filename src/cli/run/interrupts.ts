import type { App } from '../../app/open-app.ts'

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
      void app.stores.builds.requestAbort(id, app.services.clock.now())
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
  const containers = (await app.services.runtime.list()).filter((container) => container.metadata.buildId === buildId)
  if (buildId === undefined) return
  say(`left behind: build ${buildId}${containers.length === 0 ? ', no containers' : ` and its containers ${containers.map((container) => container.handle).join(', ')}`}`)
  say(`airside run --resume ${buildId} goes on with it; airside clean removes it`)
}
