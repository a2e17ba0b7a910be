import { spawn } from 'node:child_process'
import type { Cluster } from '../cluster/cluster.ts'
import type { TestNamespace } from './namespace.ts'

export interface SeenPod {
  /** Its step's. */
  readonly type: string
  readonly step: string
  /** As asked for. */
  readonly image: string
  /** As run; '' where that never came to be known. */
  readonly imageId: string
}

/** Sees every pod that is ever in a namespace; the function ends the watch and tells. */
export function watchPods(cluster: Cluster, { name: namespace }: TestNamespace): () => SeenPod[] {
  const step = `containers[?(@.name=="step")].image`
  const fields = ['.metadata.name', '.metadata.labels.airside\\.dev/type', '.metadata.labels.airside\\.dev/step', `.spec.${step}`, `.status.${step.replace('containers', 'containerStatuses')}ID`]
  const path = `${fields.map((field) => `{${field}}`).join('{"|"}')}{"\\n"}`
  const child = spawn(cluster.kubectlProgram, ['--kubeconfig', cluster.kubeconfig, 'get', 'pods', '-n', namespace, '--watch', '-o', `jsonpath=${path}`])
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (data: string) => (text += data))
  return () => {
    child.kill()
    const pods = new Map<string, SeenPod>()
    for (const line of text.split('\n')) {
      const [pod = '', type = '', stepName = '', image = '', imageId = ''] = line.split('|')
      if (pod !== '') pods.set(pod, { type, step: stepName, image, imageId: imageId || (pods.get(pod)?.imageId ?? '') })
    }
    return [...pods.values()]
  }
}
