import type { UiChanges } from '../api/web-ports.ts'

/**
 * Has what is kept of teams and tokens forgotten before anybody hears that they have changed: who decides again on what a page may follow
 * would go by the old roles, and not decide once more for a minute. Their own channels tell of the same change, before or after.
 */
export const freshPeople = (changes: UiChanges, forget: () => void): UiChanges => ({
  listen: (callback) =>
    changes.listen((change) => {
      if (change.kind === 'people' || change.kind === 'unknown') forget()
      callback(change)
    }),
})
