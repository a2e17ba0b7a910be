/** The author of a source: a pipeline's, or the operator (base resource types). */
export type Author = 'author' | 'operator'

/** Which credentials the registry accepted: the source's, this server's, those of the nodes, or none. */
export type CredentialsOf = 'source' | 'server' | 'nodes' | 'nobody'
