import type { JsonObject } from '../../model/json.ts'

const fields = ['uri', 'repository', 'bucket', 'url', 'repo', 'name']

/**
 * What people know a resource by: host and path of the addresses in its source, plain names. Secrets are taken out before anything is cut
 * off, and an address that can be read in more than one way (an `@` that may belong to a password with a slash) is not shown.
 */
export function targetsOf(source: JsonObject, redact: (text: string) => string): string[] {
  return fields.flatMap((field) => {
    const value = source[field]
    const target = typeof value === 'string' ? targetOf(redact(value)) : undefined
    return target === undefined ? [] : [target]
  })
}

const host = String.raw`[\w.-]+|\[[0-9a-fA-F:]+\]|\(\(redacted\)\)`
const path = String.raw`[^\s@?#]*`
const user = String.raw`(?:[^\s/?#@]*@)?`
/** `https://user:password@host:1/path?query#fragment`, `git@host:path`, `host/path`, `name`. */
const url = new RegExp(String.raw`^[a-zA-Z][a-zA-Z0-9+.-]*://${user}((?:${host})(?::\d+)?(?:/${path})?)(?:[?#][^@]*)?$`)
const scp = new RegExp(`^${user}((?:${host}):(?!//)${path})$`)
const name = new RegExp(`^(?:[^\\s@?#:]+(?::\\d+)?(?:/${path})?)$`)

function targetOf(text: string): string | undefined {
  return url.exec(text)?.[1] ?? scp.exec(text)?.[1] ?? (name.test(text) ? text : undefined)
}
