import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { CommandError } from '../exit.ts'

/** `--input NAME=DIR`. */
export function parseInput(pair: string): Result<readonly [name: string, folder: string], string> {
  const equals = pair.indexOf('=')
  return equals <= 0 || equals === pair.length - 1 ? fail('write it as NAME=DIR') : ok([pair.slice(0, equals), pair.slice(equals + 1)])
}

/** `--input-version NAME=KEY:VALUE`, repeatable: pairs of one name make one version. */
export function parseInputVersions(pairs: readonly string[]): Map<string, Version> {
  const versions = new Map<string, Record<string, string>>()
  for (const pair of pairs) {
    const parts = /^([^=]+)=([^:]+):(.*)$/s.exec(pair)
    if (parts === null) throw new CommandError(`--input-version "${pair}": write it as name=key:value, e.g. repo=ref:4d2a9c1`)
    const [, name = '', key = '', value = ''] = parts
    versions.set(name, { ...versions.get(name), [key]: value })
  }
  return versions
}
