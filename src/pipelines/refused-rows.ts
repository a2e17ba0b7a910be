import { formatPath, parsePath, pathOf } from '../config/path.ts'
import type { Json } from '../model/json.ts'
import type { RowChangesError } from './ports.ts'

/** Why the config's rows cannot be as it wants them, in words. */
export function refusedRows(error: Exclude<RowChangesError, { kind: 'dry-run' }>, config: Json): string {
  switch (error.kind) {
    case 'swapped':
      return `${error.what}s ${error.names.join(', ')}: their old_name would have them swap names; give one of them a name of its own first`
    case 'unstorable':
      return `${namedPath(error.path, config)}: it holds a NUL character, or something that is not Unicode; remove it`
  }
}

/** Jobs, resources and the like by their names instead of their places in the list. */
export function namedPath(path: string, value: Json): string {
  const [section, index, ...rest] = parsePath(path) ?? []
  if (typeof section !== 'string' || typeof index !== 'number') return path
  const list = typeof value === 'object' && value !== null && !Array.isArray(value) ? value[section] : undefined
  const item = Array.isArray(list) ? list[index] : undefined
  const name = typeof item === 'object' && item !== null && !Array.isArray(item) ? item['name'] : undefined
  return typeof name === 'string' && name !== '' ? formatPath(pathOf(section, name, ...rest)) : path
}
