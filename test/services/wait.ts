interface Waiting {
  /** What is told when it does not come. */
  readonly why?: () => Promise<string>
  /** By default long: only what never comes ends by it, since a machine may be busy. */
  readonly seconds?: number
}

/**
 * Waits for something outside that has no event to wait for (a port of another
 * program, a process that ends): asks again every 20 ms.
 */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>, { why, seconds = 300 }: Waiting = {}): Promise<T> {
  const deadline = performance.now() + seconds * 1000
  let last: unknown
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      if (error instanceof Fatal) throw error
      last = error
    }
    if (performance.now() > deadline) {
      const words = [last instanceof Error ? last.message : '', (await why?.()) ?? ''].filter(Boolean).join('\n')
      throw new Error(`${what}: not after ${seconds} s${words && `\n${words}`}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** An answer that no further asking will better. */
export class Fatal extends Error {}
