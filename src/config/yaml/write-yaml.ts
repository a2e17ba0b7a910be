import type { Json } from '../../model/json.ts'
import { isObject } from '../json-object.ts'
import { plainScalar } from './plain-scalar.ts'

/** A value as YAML that this reader and Concourse's read alike. Only for values that came from a node that is not tooBig. */
export function writeYaml(value: Json): string {
  return `${isCollection(value) ? block(value, '') : scalar(value)}\n`
}

const isCollection = (value: Json): boolean => typeof value === 'object' && value !== null && Object.keys(value).length > 0

function block(value: Json, indent: string): string {
  if (Array.isArray(value)) return value.map((item) => `${indent}- ${after(item, `${indent}  `).trimStart()}`).join('\n')
  if (!isObject(value)) return ''
  return Object.entries(value)
    .map(([key, child]) => `${indent}${scalar(key)}:${Array.isArray(child) && child.length > 0 ? `\n${block(child, indent)}` : after(child, `${indent}  `)}`)
    .join('\n')
}

/** What stands after a key, or after `- ` where the first line's indentation is taken away. */
const after = (value: Json, indent: string): string => (isCollection(value) ? `\n${block(value, indent)}` : ` ${scalar(value)}`)

function scalar(value: Json): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  if (/^[A-Za-z/][\w./ -]*$/.test(value) && !value.endsWith(' ') && plainScalar(value) === value) return value
  // A JSON text is one in double quotes, once nothing in it counts as a line break or a control character.
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
