import { auditGroups } from '../../model/audit.ts'
import { parseSwitch } from './types.ts'
import type { ConcourseVariables } from './setting.ts'

const nameOf = (group: string): string => `CONCOURSE_ENABLE_${group.toUpperCase()}_AUDITING`

/** Concourse has a switch for each group of routes; they make one list. */
export const concourseAuditing: ConcourseVariables = {
  names: auditGroups.map(nameOf),
  read(variable) {
    const on = auditGroups.filter((group) => {
      const given = parseSwitch(variable(nameOf(group)) ?? 'false')
      return given.ok && given.value
    })
    return on.length === 0 ? undefined : on.join('\n')
  },
}
