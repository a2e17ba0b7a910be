import { ok } from '../../model/result.ts'
import type { Flag, Group } from './setting.ts'
import { list } from './types.ts'

/** The flags that give vars, as fly has them. */
export const varFlags = (group?: Group) => {
  const inGroup = group === undefined ? {} : { group }
  return {
    var: { ...inGroup, short: 'v', type: list('NAME=VALUE', ok<string>), summary: 'a value for ((NAME)), as text' },
    'yaml-var': { ...inGroup, short: 'y', type: list('NAME=YAML', ok<string>), summary: 'a value for ((NAME)), as YAML' },
    'load-vars-from': { ...inGroup, short: 'l', type: list('FILE', ok<string>), summary: 'a YAML file of values' },
  } as const satisfies Readonly<Record<string, Flag>>
}
