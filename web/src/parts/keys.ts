/** A key of the page that is shown. */
export interface OfferedKey {
  /** As it is typed: `gg`. */
  readonly typed: string
  readonly does: string
  readonly call: () => void
}

const setting = 'airside.keys'

/** WCAG 2.1.4: whoever dictates, or presses keys by mistake, can switch those off that are a single character. */
export const keysAreOn = (): boolean => localStorage.getItem(setting) !== 'off'

export function setKeysOn(on: boolean): void {
  if (on) localStorage.removeItem(setting)
  else localStorage.setItem(setting, 'off')
}

const offers = new Set<() => readonly OfferedKey[]>()

/** Until the function that it returns is called. */
export function offerKeys(keys: () => readonly OfferedKey[]): () => void {
  offers.add(keys)
  return () => void offers.delete(keys)
}

/** The keys of the page as it is shown now, each once. */
export function offeredKeys(): readonly OfferedKey[] {
  const byKey = new Map<string, OfferedKey>()
  for (const offer of offers) for (const key of offer()) byKey.set(key.typed, key)
  return [...byKey.values()]
}
