import type { Result } from './result.ts'

export interface CliProgram {
  readonly name: string
  readonly bytes: number
  /** Unix ms. */
  readonly modifiedAt: number
  readonly content: AsyncIterable<Uint8Array>
}

export interface CliPrograms {
  /** The error is a sentence: there is none for that platform, or its archive is broken. */
  find(platform: string, arch: string): Promise<Result<CliProgram, { readonly kind: 'missing' | 'broken'; readonly message: string }>>
}
