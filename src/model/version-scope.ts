/** Key of a scope of versions: that of a resource config, with what is the resource's own behind a dot where its versions are its own. */
export const scopeKey = (config: string, own?: string): string => (own === undefined ? config : `${config}.${own}`)

export const configOfScope = (key: string): string => key.split('.', 1)[0] ?? key
