import type { Json, JsonObject } from '../../../../src/model/json.ts'

/** JSON as YAML in block style, in the order of its keys; a YAML parser reads the same value from it. */
export function toYaml(value: Json): string {
  return `${block(value, 0).join('\n')}\n`
}

/** Lines, indented. */
function block(value: Json, depth: number): string[] {
  const indent = '  '.repeat(depth)
  if (isFull(value)) {
    return Array.isArray(value)
      ? value.flatMap((one) => {
          if (typeof one === 'string' && isScript(one)) return [`${indent}- ${script(one, depth + 1).join('\n')}`]
          const [first = '', ...rest] = block(one, depth + 1)
          return [`${indent}- ${first.trimStart()}`, ...rest]
        })
      : Object.entries(value as JsonObject).flatMap(([key, one]) => pair(key, one, depth))
  }
  return [`${indent}${scalar(value)}`]
}

function pair(key: string, value: Json, depth: number): string[] {
  const start = `${'  '.repeat(depth)}${text(key)}:`
  if (isFull(value)) return [start, ...block(value, Array.isArray(value) ? depth : depth + 1)]
  if (typeof value === 'string' && isScript(value)) return [`${start} ${script(value, depth + 1).join('\n')}`]
  return [`${start} ${scalar(value)}`]
}

/** `|`, and the lines below it. */
function script(value: string, depth: number): string[] {
  const lines = value.replace(/\n$/, '').split('\n')
  return [value.endsWith('\n') ? '|' : '|-', ...lines.map((line) => (line === '' ? '' : `${'  '.repeat(depth)}${line}`))]
}

const isFull = (value: Json): value is Json[] | JsonObject => typeof value === 'object' && value !== null && (Array.isArray(value) ? value : Object.keys(value)).length > 0

/** Lines that a block can hold: it does not begin with a space, end with an empty line, or hold what is not printed. */
const isScript = (value: string): boolean => /^[^\s][^\n]*\n/.test(value) && !value.endsWith('\n\n') && !/[^\n\t\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe]|[^\S\n]$/m.test(value)

function scalar(value: Json): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[]' : '{}'
  return String(value)
}

/** Without quotes where no parser could take it for anything else than a text. */
function text(value: string): string {
  const isPlain = /^[A-Za-z_/.(][\w/.@+ ():-]*$/.test(value) && !/:(?:\s|$)|\s$|^\.+(?:inf|nan)?$|^\.\d/i.test(value) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value)
  return isPlain ? value : JSON.stringify(value)
}
