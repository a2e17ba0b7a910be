import { enough, type Clock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import type { ComponentName } from '../../model/component.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { healthSchema } from '../health-schema.ts'
import { checksPart, componentPart, databasePart, migrationsPart, schedulerPart, workersPart } from '../present/health.ts'
import { jsonOf } from '../reply.ts'
import type { Handler } from '../request.ts'

const patienceMs = 5_000

/** The server in detail; for people who are not logged in its status alone. 503 while the database cannot be written. */
export const getHealth: Handler = async ({ database, worker, components, checkQueue, clock }, { principal }) => {
  const [written, state, containers] = await Promise.all([inTime(clock, database.check()), inTime(clock, database.state()), worker.containers()])
  const now = clock.now()
  const listed = components.list()
  const paused = (name: ComponentName): boolean => listed.some((component) => component.name === name && component.paused)
  const parts = {
    database: databasePart({ unwritable: written.ok ? undefined : written.error, unread: state.ok ? undefined : state.error }),
    ...(state.ok && { migrations: migrationsPart(state.value.migrations), scheduler: schedulerPart(state.value.jobs, paused('scheduler')) }),
    checks: checksPart(checkQueue(), paused('scanner')),
    workers: workersPart(containers !== undefined, worker.name),
    components: listed.map((component) => componentPart(component, now)),
  }
  const good = Object.values(parts).flat().every((part) => part.status === 'healthy')
  const status = !written.ok ? 'failing' : good ? 'ok' : 'degraded'
  return jsonOf(healthSchema, { status, ...(principal.kind === 'user' && { timestamp: new Date(now).toISOString(), ...parts }) }, { status: written.ok ? 200 : 503 })
}

/** Fails with the reason; a question that is not answered in time fails too. */
async function inTime<T>(clock: Clock, asked: Promise<T>): Promise<Result<T, string>> {
  const over = new AbortController()
  const late = clock.sleep(patienceMs, over.signal).then(() => fail(`no answer within ${patienceMs / 1000} s`), () => fail('given up'))
  const found = await Promise.race([asked.then(ok, (error: unknown) => fail(messageOf(error))), late])
  over.abort(enough)
  return found
}
