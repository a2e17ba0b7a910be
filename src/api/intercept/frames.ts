import { constants } from 'node:os'
import type { z } from 'zod'
import { parseBoundedJson } from '../../lib/bounded-json.ts'
import type { ProcessOutcome } from '../../model/container.ts'
import { hijackInputSchema, hijackSpecSchema, type hijackOutputSchema } from '../hijack-schemas.ts'

export type HijackSpec = z.output<typeof hijackSpecSchema>
export type HijackInput = z.output<typeof hijackInputSchema>
export type HijackOutput = z.output<typeof hijackOutputSchema>

const parse = <S extends z.ZodType>(schema: S, bytes: Uint8Array): z.output<S> | undefined => {
  const json = parseBoundedJson(bytes, { items: 50_000, depth: 8 })
  const parsed = json.ok ? schema.safeParse(json.value) : undefined
  return parsed?.success === true ? parsed.data : undefined
}
export const specOf = (bytes: Uint8Array): HijackSpec | undefined => parse(hijackSpecSchema, bytes)
export const inputOf = (bytes: Uint8Array): HijackInput | undefined => parse(hijackInputSchema, bytes)

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
