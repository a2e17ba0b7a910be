import { z } from 'zod'
import { boundedArray, boundedString } from '../lib/bounded.ts'

/** Of a frame that a client of a container's web socket sends: fly sends at most some kilobytes of input in one. */
export const longestFrame = 1024 * 1024
/** 0: the client's terminal does not know its size, as one of a script or of some CI. */
const extent = z.number().int().min(0).max(65_535)
const size = z.object({ window_size: z.object({ columns: extent, rows: extent }) })
const given = boundedString(128 * 1024)

/** Frames of a container's web socket. The first: what is to run. */
export const hijackSpecSchema = z.object({
  path: given.min(1),
  args: boundedArray(given, 10_000).nullish(),
  env: boundedArray(given, 10_000).nullish(),
  dir: given.nullish(),
  user: given.nullish(),
  tty: size.nullish(),
})
/** The client's frames after it. */
export const hijackInputSchema = z.object({ stdin: boundedString(longestFrame).nullish(), closed: z.boolean().nullish(), tty: size.nullish() })
/** Ours, as long as the piece of output that it tells. */
const told = boundedString(2 * longestFrame)
export const hijackOutputSchema = z.union([
  z.strictObject({ stdout: told }),
  z.strictObject({ stderr: told }),
  z.strictObject({ error: told }),
  z.strictObject({ exit_status: z.number().int() }),
  z.strictObject({ executable_not_found: z.literal(true) }),
])
