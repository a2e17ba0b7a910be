import { z } from 'zod'

const condition = z.enum(['healthy', 'unhealthy'])
/** `message`: what to look at, where the part is unhealthy, and what an operator should know where it is not. */
const part = { status: condition, message: z.string().exactOptional() }
const queue = { ...part, waiting: z.number().int(), oldest_wait_seconds: z.number().int() }

/** All but `status` only for people who are logged in; `scheduler` and `migrations` only while the database answers. */
export const healthSchema = z.strictObject({
  status: z.enum(['ok', 'degraded', 'failing']),
  timestamp: z.string().exactOptional(),
  database: z.strictObject({ ...part, error: z.string().exactOptional() }).exactOptional(),
  migrations: z.strictObject({ ...part, applied: z.number().int(), known: z.number().int(), last_applied: z.string() }).exactOptional(),
  scheduler: z.strictObject(queue).exactOptional(),
  checks: z.strictObject({ ...queue, running: z.number().int() }).exactOptional(),
  workers: z.strictObject({ ...part, total: z.number().int(), running: z.number().int(), unhealthy_workers: z.array(z.string()).exactOptional() }).exactOptional(),
  components: z.array(z.strictObject({ ...part, name: z.string(), paused: z.boolean(), last_ran: z.string().exactOptional() })).exactOptional(),
})
