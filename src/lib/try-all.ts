import { messageOf } from './errors.ts'

/** Does the work for each item, one after the other; what fails for one keeps it from no other. Throws at the end what failed. */
export async function tryAll<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const failures = new Set<string>()
  for (const item of items) {
    try {
      await work(item)
    } catch (error) {
      failures.add(messageOf(error))
    }
  }
  if (failures.size > 0) throw new Error([...failures].slice(0, 10).join('; '))
}
