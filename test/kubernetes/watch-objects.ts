import { spawn } from 'node:child_process'
import type { Cluster } from '../cluster/cluster.ts'

/** As far as tests look at one. */
export interface WatchedObject {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly labels?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[]
  }
  readonly spec?: {
    readonly nodeName?: string
    readonly imagePullSecrets?: readonly { readonly name: string }[]
    readonly containers: readonly { readonly name: string; readonly image: string; readonly imagePullPolicy: string }[]
  }
  /** Of an event. */
  readonly reason?: string
  readonly involvedObject?: { readonly name: string; readonly fieldPath?: string }
  readonly status?: { readonly containerStatuses?: readonly { readonly name: string; readonly imageID: string }[] }
}

export interface ObjectWatch {
  /** Every object that was ever there, as it was when something was last heard of it. */
  objects(): readonly { readonly last: WatchedObject; readonly gone: boolean }[]
  /** All that was ever said, as JSON. */
  text(): string
  stop(): void
}

/** Sees every object of a kind that is ever in a namespace, in each of its states. */
export function watchObjects(cluster: Cluster, namespace: string, resource: 'pods' | 'secrets' | 'events'): ObjectWatch {
  const child = spawn(cluster.kubectlProgram, [
    '--kubeconfig', cluster.kubeconfig, 'get', resource, '-n', namespace, '--watch', '--output-watch-events', '-o', 'jsonpath={@}{"\\n"}',
  ])
  const objects = new Map<string, { last: WatchedObject; gone: boolean }>()
  const lines: string[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    const whole = (rest + data).split('\n')
    rest = whole.pop() ?? ''
    for (const line of whole) {
      lines.push(line)
      const { type, object } = JSON.parse(line) as { type: string; object: WatchedObject }
      objects.set(object.metadata.uid, { last: object, gone: type === 'DELETED' })
    }
  })
  return {
    objects: () => [...objects.values()],
    text: () => lines.join('\n') + rest,
    stop: () => void child.kill(),
  }
}
