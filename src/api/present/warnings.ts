import { identifierWarning } from '../../config/validate/identifier.ts'

/** What Concourse warns of in a name. `kind`: of what the name is. */
export function identifierWarnings(kind: string, name: string): { type: string; message: string }[] {
  const fault = identifierWarning(name)
  return fault === undefined ? [] : [{ type: 'invalid_identifier', message: `${kind}: ${fault}` }]
}
