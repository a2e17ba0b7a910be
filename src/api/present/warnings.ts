import { identifierFault } from '../../config/validate/identifier.ts'

/** What Concourse warns of in a name. `kind`: of what the name is. */
export function identifierWarnings(kind: string, name: string): { type: string; message: string }[] {
  const fault = identifierFault(name)
  return fault === undefined ? [] : [{ type: 'invalid_identifier', message: `${kind}: ${JSON.stringify(name)} is not a valid identifier: ${fault}` }]
}
