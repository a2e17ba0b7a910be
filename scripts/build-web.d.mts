/** Builds web/dist when its sources have changed; one build at a time in the clone. */
export function buildWeb(options: { readonly log: (line: string) => void }): Promise<void>
