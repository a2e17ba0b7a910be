/** Adds to a list that keeps its newest `most` items. */
export function pushNewest<T>(list: T[], item: T, most: number): void {
  list.push(item)
  if (list.length > most) list.splice(0, list.length - most)
}
