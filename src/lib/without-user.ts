/** An image's name or a registry's host without the `user:password@` that somebody wrote before it; a digest's `@` stays. */
export const withoutUser = (text: string): string => text.replace(/^.*@(?!sha\d+:)/s, '')
