import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

export interface Document {
  /** From the repository's root. */
  readonly file: string
  readonly text: string
}

const read = (pattern: string | string[]): Document[] =>
  globSync(pattern, { cwd: root }).toSorted().map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

/** For users: their commands are run. */
export const userDocuments = read(['README.md', 'docs/**/*.md'])

/** All that speak about files of the repository. */
export const allDocuments = [...userDocuments, ...read(['ARCHITECTURE.md', 'CONTRIBUTING.md', 'src/**/*.md', 'supervisor/PROTOCOL.md'])]

/** The one whose commands need a cluster. */
export const kubernetesDocument = 'docs/operate-on-kubernetes.md'
