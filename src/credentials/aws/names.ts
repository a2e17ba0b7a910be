/** Paths once each, with single slashes; those that AWS refuses as a name are left out, since nothing can be there. */
export const awsNames = (paths: readonly string[], possible: RegExp): string[] => [...new Set(paths.map((path) => path.replaceAll(/\/{2,}/g, '/')))].filter((path) => possible.test(path))
