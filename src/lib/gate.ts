/** Whether work that a server does by itself may be done now. */
export interface Gate {
  readonly open: boolean
  /** Tells that it was done. */
  passed(): void
}

export const openGate: Gate = { open: true, passed: () => undefined }

/** Does the work unless it is paused, and gives what it gave. */
export async function through<T>(gate: Gate, work: () => Promise<T>): Promise<T | undefined> {
  if (!gate.open) return undefined
  const done = await work()
  gate.passed()
  return done
}
