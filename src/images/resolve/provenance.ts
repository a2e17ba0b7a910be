/** Who wrote a source: a pipeline's author, or the operator (base resource types). */
export type Author = 'author' | 'operator'

/** Whose credentials opened the registry: the source's, this server's, those that nodes have anyway, or nobody's. */
export type CredentialsOf = 'source' | 'server' | 'nodes' | 'nobody'
