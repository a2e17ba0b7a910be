import type { z } from 'zod'
import { components as known, type ComponentState } from '../../model/component.ts'
import type { CheckQueueState, MigrationState, QueueState } from '../../model/health.ts'
import type { healthSchema } from '../health-schema.ts'

type Health = z.input<typeof healthSchema>
type Part<Name extends keyof Health> = NonNullable<Health[Name]>

/** A component that has run and then not for so many of its intervals has stopped; at least a minute, since a pass may take long. */
const missedIntervals = 10
/** Jobs and checks that wait for longer are late. */
const lateMs = 60_000

/** A bad part has a sentence that says what to look at; a good one none. */
const healthy = { status: 'healthy' } as const
const unhealthy = (message: string): { readonly status: 'unhealthy'; readonly message: string } => ({ status: 'unhealthy', message })
const seconds = (ms: number): number => Math.floor(ms / 1000)
const time = (ms: number): string => new Date(ms).toISOString()

/** `unwritable`, `unread`: why the database could not be written, why its state could not be read. */
export function databasePart({ unwritable, unread }: { readonly unwritable: string | undefined; readonly unread: string | undefined }): Part<'database'> {
  if (unwritable !== undefined) return { ...unhealthy('Nothing can be scheduled, and no log of a build saved: look whether the database runs, takes connections and is the primary, not a standby.'), error: unwritable }
  if (unread !== undefined) return { ...unhealthy('The database can be written, and does not answer a question about its own state: look at its load, its locks and its log.'), error: unread }
  return healthy
}

export function migrationsPart({ applied, known: last, appliedAt }: MigrationState): Part<'migrations'> {
  const rest = { applied, known: last, last_applied: time(appliedAt) }
  if (applied < last) return { ...unhealthy(`The database has migration ${applied}, this server needs ${last}: an older database was put in its place, as by a restored backup. Restart the servers: each migrates the database as it starts.`), ...rest }
  if (applied > last) return { ...healthy, message: `The database has migration ${applied}, this server knows ${last}: a newer version runs on it. Upgrade this server too; once it has stopped, this version does not start on the database again.`, ...rest }
  return { ...healthy, ...rest }
}

export function schedulerPart({ waiting, oldestMs }: QueueState, paused: boolean): Part<'scheduler'> {
  const rest = { waiting, oldest_wait_seconds: seconds(oldestMs) }
  if (oldestMs <= lateMs) return { ...healthy, ...rest }
  if (paused) return { ...healthy, message: 'The component scheduler is paused: no job is scheduled until it is unpaused.', ...rest }
  return { ...unhealthy(`A job has waited to be scheduled for ${rest.oldest_wait_seconds} s: look in the servers' logs for "scheduling a job failed", which names the job and says why, at the last run of the component scheduler, and at the load of the database.`), ...rest }
}

export function checksPart({ waiting, oldestMs, running }: CheckQueueState, paused: boolean): Part<'checks'> {
  const rest = { waiting, oldest_wait_seconds: seconds(oldestMs), running }
  if (oldestMs <= lateMs) return { ...healthy, ...rest }
  if (paused) return { ...healthy, message: 'The component scanner is paused: no resource is checked until it is unpaused.', ...rest }
  return { ...unhealthy(`A check that is due has waited for ${rest.oldest_wait_seconds} s while ${running} run: look for checks that hang or whose containers are slow to start; else give resources a longer check_every or a webhook, or run another server.`), ...rest }
}

/** `worker`: the name of the runtime. */
export function workersPart(running: boolean, worker: string): Part<'workers'> {
  if (running) return { ...healthy, total: 1, running: 1 }
  return { ...unhealthy(`The API of ${worker} does not answer: no step can start. Look whether it runs, and whether this server may reach it and still has the right to use it.`), total: 1, running: 0, unhealthy_workers: [worker] }
}

export const componentPart = (component: ComponentState, now: number): Part<'components'>[number] => ({
  ...(hasStopped(component, now) ? unhealthy(`${component.name} has not run for ten of its intervals: look in this server's log for lines of it, and at the load of the server and its database.`) : healthy),
  name: component.name,
  paused: component.paused,
  ...(component.lastRanAt !== undefined && { last_ran: time(component.lastRanAt) }),
})

function hasStopped({ name, paused, lastRanAt }: ComponentState, now: number): boolean {
  const { everyMs } = known[name]
  return !paused && everyMs !== undefined && lastRanAt !== undefined && now - lastRanAt > Math.max(lateMs, missedIntervals * everyMs)
}
