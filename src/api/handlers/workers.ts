import { jsonOf, text, type Reply } from '../reply.ts'
import type { Handler } from '../request.ts'
import { pruneRefusedSchema } from '../schemas.ts'

/** Steps run as pods or containers: there are no worker processes that register, report or are drained by fly. */
const reason = 'workers are Kubernetes nodes or the container engine'

const answering = (reply: Reply): Handler => () => Promise.resolve(reply)

/** What Concourse's own workers call. */
export const notForWorkers = answering(text(501, `Airside has no worker processes: ${reason}`))
export const drainTheNode = answering(text(400, `${reason}; drain the node`))
export const pruneTheNode = answering(jsonOf(pruneRefusedSchema, { stderr: `${reason}; remove the node there` }, { status: 400 }))
