/** What supervisors do on their own, without the server; where it is absent, as supervisor/PROTOCOL.md has it. */
export interface SupervisorSettings {
  /** Bound of the output that waits for the server, bytes: when it is reached, the process waits. */
  readonly spoolBytes?: number
  /** Without an assignment and without contact a supervisor ends after so many seconds. */
  readonly idleSeconds?: number
  /** Finished, and out of contact before its result was acknowledged, it keeps that for so many seconds. */
  readonly keepSeconds?: number
}

/** The same as environment variables: name and value. */
export function supervisorEnvironment({ spoolBytes, idleSeconds, keepSeconds }: SupervisorSettings): readonly (readonly [string, string])[] {
  const all = [['AIRSIDE_SPOOL_BYTES', spoolBytes], ['AIRSIDE_IDLE_SECONDS', idleSeconds], ['AIRSIDE_KEEP_SECONDS', keepSeconds]] as const
  return all.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const]))
}
