import { jsonOf, notFound, text, type Reply } from '../reply.ts'
import type { Handler } from '../request.ts'
import { seconds } from '../present/builds.ts'
import { pruneRefusedSchema, workerSchema } from '../schemas.ts'
import { workerVersion } from './general.ts'

/** Steps run as pods or containers: there are no worker processes that register, report or are drained by fly. */
const reason = 'workers are Kubernetes nodes or the container engine'

const answering = (reply: Reply): Handler => () => Promise.resolve(reply)
const ofWorker = (reply: Reply): Handler => ({ worker }, { params }) => Promise.resolve(params['worker_name'] === worker.name ? reply : notFound)

/** What Concourse's own workers call. */
export const notForWorkers = answering(text(501, `Airside has no worker processes: ${reason}`))
export const drainTheNode = ofWorker(text(400, `${reason}; drain the node`))
export const pruneTheNode = ofWorker(jsonOf(pruneRefusedSchema, { stderr: `${reason}; remove the node there` }, { status: 400 }))

/** The runtime of this server. */
export const listWorkers: Handler = async ({ worker }) => {
  const containers = await worker.containers()
  return jsonOf(workerSchema.array(), [
    {
      addr: '',
      baggageclaim_url: '',
      active_containers: containers?.all ?? 0,
      active_volumes: 0,
      active_tasks: containers?.tasks ?? 0,
      resource_types: worker.baseTypes.map(({ type, image }) => ({ type, image, version: '', privileged: false, unique_version_history: false })),
      platform: 'linux',
      tags: [],
      team: '',
      name: worker.name,
      version: workerVersion,
      start_time: seconds(worker.startedAt),
      ephemeral: false,
      state: containers === undefined ? 'stalled' : 'running',
    },
  ])
}
