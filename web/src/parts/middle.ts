/** A name that is too long is cut in its middle: names of one pipeline often begin alike and differ at the end. */
export function cutInMiddle(name: string, most: number): string {
  const characters = [...name]
  if (characters.length <= most) return name
  const end = Math.floor((most - 1) / 2)
  return `${characters.slice(0, most - 1 - end).join('')}…${characters.slice(-end).join('')}`
}
