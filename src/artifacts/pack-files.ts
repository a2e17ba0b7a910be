import { endOfArchive, padding, tarHeader } from './tar-header.ts'

/**
 * The canonical tar stream (supervisor/PROTOCOL.md, artifact channels) of a folder of regular files, by name, that root owns.
 * `at`: when they and the folder were last changed, unix ms.
 */
export function packFiles(files: ReadonlyMap<string, string>, at: number): Uint8Array {
  const common = { uid: 0, gid: 0, mtimeNs: BigInt(at) * 1_000_000n }
  const entries = [...files].map(([name, text]) => ({ name: Buffer.from(name), content: Buffer.from(text) })).sort((a, b) => Buffer.compare(a.name, b.name))
  return Buffer.concat([
    tarHeader({ ...common, name: Buffer.from('./'), type: 'directory', mode: 0o755, size: 0 }),
    ...entries.flatMap(({ name, content }) => [tarHeader({ ...common, name, type: 'file', mode: 0o644, size: content.length }), content, padding(content.length)]),
    endOfArchive,
  ])
}
