import { constants } from 'node:os'
import { z } from 'zod'
import { boundedArray, boundedString } from '../../lib/bounded.ts'
import { parseBoundedJson } from '../../lib/bounded-json.ts'
import type { ProcessOutcome } from '../../model/container.ts'

/** Of what a client sends: fly sends at most some kilobytes of input in a frame. */
export const longestFrame = 1024 * 1024

const size = z.object({ window_size: z.object({ columns: z.number().int().min(1).max(65_535), rows: z.number().int().min(1).max(65_535) }) })
const text = boundedString(128 * 1024)

/** The first frame: what is to run. */
const specSchema = z.object({
  path: text.min(1),
  args: boundedArray(text, 10_000).nullish(),
  env: boundedArray(text, 10_000).nullish(),
  dir: text.nullish(),
  user: text.nullish(),
  tty: size.nullish(),
})
export type HijackSpec = z.output<typeof specSchema>

/** The frames after it. */
const inputSchema = z.object({ stdin: boundedString(longestFrame).nullish(), closed: z.boolean().nullish(), tty: size.nullish() })
export type HijackInput = z.output<typeof inputSchema>

export type HijackOutput =
  | { readonly stdout: string }
  | { readonly stderr: string }
  | { readonly error: string }
  | { readonly exit_status: number }
  | { readonly executable_not_found: true }

const parse = <S extends z.ZodType>(schema: S, bytes: Uint8Array): z.output<S> | undefined => {
  const json = parseBoundedJson(bytes, { items: 50_000, depth: 8 })
  const parsed = json.ok ? schema.safeParse(json.value) : undefined
  return parsed?.success === true ? parsed.data : undefined
}
export const specOf = (bytes: Uint8Array): HijackSpec | undefined => parse(specSchema, bytes)
export const inputOf = (bytes: Uint8Array): HijackInput | undefined => parse(inputSchema, bytes)

/** How the process ended. fly tries sh after bash only where the error says that the executable file was not found. */
export function endFrames(outcome: ProcessOutcome): readonly HijackOutput[] {
  switch (outcome.kind) {
    case 'exited':
      return [{ exit_status: outcome.status }]
    case 'signaled':
      return [{ exit_status: 128 + (constants.signals[`SIG${outcome.signal}` as NodeJS.Signals] ?? 0) }]
    case 'error':
      return outcome.reason === 'executable-not-found' ? [{ executable_not_found: true }, { error: `executable file not found: ${outcome.message}` }] : [{ error: outcome.message }]
    case 'killed':
      return [{ error: outcome.message }]
    case 'never-started':
      return [{ error: 'the process was not started' }]
  }
}
