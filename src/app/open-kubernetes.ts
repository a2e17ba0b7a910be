import { fail, ok, type Result } from '../model/result.ts'
import { createKubernetesRuntime, loadAccess } from '../runtime/kubernetes/index.ts'
import { messageOf } from '../lib/errors.ts'
import { createRendezvous } from '../supervision/rendezvous.ts'
import type { OpenRuntime, RuntimeEnvironment } from './open-runtime.ts'
import type { KubernetesRuntimeOptions } from './options.ts'

/** Steps as pods. Says context and namespace before it makes anything, and everything that is lacking at once. */
export async function openKubernetes(
  options: KubernetesRuntimeOptions,
  { stores, supervisor, clock, log, progress }: RuntimeEnvironment,
): Promise<Result<OpenRuntime, string>> {
  if (options.supervisorImage === undefined) {
    return fail(
      'the cluster needs the image of the supervisor, from a registry that its nodes can pull from:\n' +
        '  airside supervisor push REGISTRY/airside-supervisor\n' +
        '  airside … --supervisor-image REGISTRY/airside-supervisor@sha256:…   (the push prints it)',
    )
  }
  let access
  try {
    access = loadAccess({
      ...(options.kubeconfig !== undefined && { kubeconfig: options.kubeconfig }),
      ...(options.context !== undefined && { context: options.context }),
    })
  } catch (error) {
    return fail(`no Kubernetes cluster: ${messageOf(error)}`)
  }
  const namespace = options.namespace ?? access.namespace ?? 'default'
  const description = `context ${access.context}, namespace ${namespace}`
  progress(`kubernetes: ${description} (${access.server}); steps run as pods there`)
  const home = options.home && { host: '0.0.0.0', port: options.home.port, advertise: options.home.host }
  const rendezvous = createRendezvous({
    key: stores.key, secret: stores.secret, store: stores.artifacts, clock, log, ...(home && { home }),
  })
  const runtime = createKubernetesRuntime({
    access, namespace, rendezvous, clock, log,
    installation: stores.installation,
    supervisorImage: options.supervisorImage,
    supervisorSettings: supervisor,
    transport: options.transport,
    delivery: options.delivery,
    isolation: options.isolation,
    ...(options.serviceAccount !== undefined && { serviceAccount: options.serviceAccount }),
  })
  const { problems } = await runtime.preflight()
  if (problems.length > 0) {
    await access.close()
    return fail(`${description}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
  }
  await rendezvous.start()
  await runtime.start()
  return ok({
    runtime,
    rendezvous,
    description,
    removeImages: () => Promise.resolve(), // nodes collect their own
    async close() {
      await runtime.stop()
      await rendezvous.stop()
      await access.close()
    },
  })
}
