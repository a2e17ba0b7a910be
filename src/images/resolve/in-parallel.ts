/** Runs `work` for every item, at most `limit` at a time. The first result that is not undefined stops the rest and is returned. */
export async function inParallel<T, F>(items: readonly T[], limit: number, work: (item: T) => Promise<F | undefined>): Promise<F | undefined> {
  const waiting = [...items].values()
  let failure: F | undefined
  const worker = async (): Promise<void> => {
    for (const item of waiting) {
      if (failure !== undefined) return
      const failed = await work(item)
      failure ??= failed
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return failure
}
