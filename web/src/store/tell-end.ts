import { effect, signal } from '@preact/signals'
import type { Build, WatchItems } from '../api/types.ts'
import { go } from './navigation.ts'
import { toast } from './toasts.ts'
import { openTopic } from './topic.ts'

/** A build whose end somebody wants to be told of, in words and as a URL. */
export interface AwaitedBuild {
  readonly id: number
  /** `unit #318`. */
  readonly subject: string
  /** `main / shop`. */
  readonly where: string
  readonly url: string
}

/** Each is a subscription of the tab's connection, which has a bound for them. */
const most = 20

const waiting = signal<ReadonlyMap<number, () => void>>(new Map())

export const isAwaited = (id: number): boolean => waiting.value.has(id)

/**
 * Shows a notification of the browser when the build ends, whatever page the tab shows by then. The browser asks the person for permission
 * only now. Resolves with why there will be none; undefined: there will be one.
 */
export async function tellWhenEnded(build: AwaitedBuild): Promise<string | undefined> {
  if (!isSecureContext) return 'the browser shows notifications only of pages that come over https'
  if (typeof Notification === 'undefined') return 'this browser has no notifications'
  const permission = Notification.permission === 'default' ? await Notification.requestPermission() : Notification.permission
  if (permission === 'denied') return 'the browser refuses notifications of this server: its settings for this page can allow them'
  if (permission === 'default') return 'the browser has no permission for notifications: press again to be asked again'
  if (waiting.peek().size >= most) return `the ends of ${most} builds are waited for already`
  if (!isAwaited(build.id)) waiting.value = new Map([...waiting.peek(), [build.id, follow(build)]])
  return undefined
}

export function stopTelling(id: number): void {
  const left = new Map(waiting.peek())
  const stop = left.get(id)
  left.delete(id)
  waiting.value = left
  stop?.()
}

/** Over the connection that the tab has anyway; it goes on when the tab is hidden. */
function follow(build: AwaitedBuild): () => void {
  const { state, release } = openTopic<WatchItems['build/1']>(`build/${build.id}`)
  const end = effect(() => {
    const now = state.value
    // Out of the effect, which is not there yet when it first runs.
    if (now.kind === 'refused') queueMicrotask(() => stopTelling(build.id))
    if (now.kind !== 'ready') return
    const found = now.items.find((item) => 'build' in item)
    if (found === undefined || !('build' in found) || found.build.status === 'pending' || found.build.status === 'started') return
    const { status } = found.build
    queueMicrotask(() => {
      if (!waiting.peek().has(build.id)) return
      stopTelling(build.id)
      tell(build, status)
    })
  })
  return () => {
    end()
    release()
  }
}

function tell({ subject, where, url }: AwaitedBuild, status: Build['status']): void {
  try {
    const shown = new Notification(`${subject} ${status}`, { body: where, tag: url })
    shown.addEventListener('click', () => {
      focus()
      go(url)
      shown.close()
    })
  } catch {
    // Browsers of phones have them for service workers alone.
    toast({ kind: status === 'succeeded' ? 'done' : 'failed', text: `${subject} ${status}:`, link: { href: url, text: where } })
  }
}
