const mostCharacters = 2_000

/** The end of what a check printed. Its image's check and get fail with the same words as the check itself: a line that repeats the one before is left out. */
export const lastLines = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .filter((line, at, all) => line !== all[at - 1])
    .join('\n')
    .slice(-mostCharacters)
