/**
 * Which server is connected to the containers of a build. `nobody`: the build waits for a server to go on with it. Containers of an ended
 * build whose server is gone can be reached from any.
 */
export type Holder = { readonly kind: 'here' } | { readonly kind: 'peer'; readonly id: string; readonly url: string } | { readonly kind: 'nobody' }
