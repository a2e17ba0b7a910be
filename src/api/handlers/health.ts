import { enough, type Clock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import { components as known, type ComponentState } from '../../model/component.ts'
import { jsonOf } from '../reply.ts'
import type { Handler } from '../request.ts'
import { healthSchema } from '../schemas.ts'

const patienceMs = 5_000
/** A component that has run and then not for so many of its intervals has stopped; at least a minute, since a pass may take long. */
const missedIntervals = 10

/** The server in detail; for people who are not logged in its status alone. 503 while the database cannot be written. */
export const getHealth: Handler = async ({ database, worker, components, clock }, { principal }) => {
  const [error, containers] = await Promise.all([inTime(clock, database.check()), worker.containers()])
  const now = clock.now()
  const parts = components.list().map((component) => ({
    name: component.name,
    status: hasStopped(component, now) ? ('unhealthy' as const) : ('healthy' as const),
    paused: component.paused,
    ...(component.lastRanAt !== undefined && { last_ran: new Date(component.lastRanAt).toISOString() }),
  }))
  const running = containers !== undefined
  const status = error !== undefined ? 'failing' : running && parts.every((part) => part.status === 'healthy') ? 'ok' : 'degraded'
  const detail = {
    timestamp: new Date(now).toISOString(),
    database: error === undefined ? { status: 'healthy' as const } : { status: 'unhealthy' as const, error },
    workers: { status: running ? ('healthy' as const) : ('unhealthy' as const), total: 1, running: running ? 1 : 0, ...(!running && { unhealthy_workers: [worker.name] }) },
    components: parts,
  }
  return jsonOf(healthSchema, { status, ...(principal.kind === 'user' && detail) }, { status: status === 'failing' ? 503 : 200 })
}

function hasStopped({ name, paused, lastRanAt }: ComponentState, now: number): boolean {
  const { everyMs } = known[name]
  return !paused && everyMs !== undefined && lastRanAt !== undefined && now - lastRanAt > Math.max(60_000, missedIntervals * everyMs)
}

/** Why the check failed; undefined: it did not. */
async function inTime(clock: Clock, check: Promise<void>): Promise<string | undefined> {
  const over = new AbortController()
  const late = clock.sleep(patienceMs, over.signal).then(() => `no answer within ${patienceMs / 1000} s`, () => undefined)
  const found = await Promise.race([check.then(() => undefined, messageOf), late])
  over.abort(enough)
  return found
}
