export type ScalarStyle = 'plain' | 'single' | 'double' | 'block'

interface Placed {
  /** Offsets in the text. */
  readonly start: number
  readonly end: number
}

/** Signs that carry nothing but their place. `key` and the starts of block collections are inserted where the text has no sign. */
export type Sign =
  | 'stream-end'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'

export type Token =
  | (Placed & { readonly kind: Sign })
  | (Placed & { readonly kind: 'alias' | 'anchor'; readonly name: string })
  | (Placed & { readonly kind: 'tag'; readonly handle: string; readonly suffix: string })
  | (Placed & { readonly kind: 'scalar'; readonly text: string; readonly style: ScalarStyle })
  | (Placed & { readonly kind: 'version-directive'; readonly version: string })
  | (Placed & { readonly kind: 'tag-directive'; readonly handle: string; readonly prefix: string })

/** Ends the reading of a text: what is wrong, where, and what to do. Caught by parseYaml alone. */
export class SyntaxFault extends Error {
  readonly start: number
  readonly hint: string | undefined
  readonly kind: 'yaml' | 'too-large'

  constructor(start: number, message: string, hint?: string, kind: 'yaml' | 'too-large' = 'yaml') {
    super(message)
    this.start = start
    this.hint = hint
    this.kind = kind
  }
}
