import { resourcesYaml } from './scenario.ts'

/** A version passes from one job to the next; a third is started by hand. */
export const chain = `${resourcesYaml('app', 'tool')}
jobs:
- {name: unit, plan: [{get: app, trigger: true}]}
- {name: ship, plan: [{get: app, passed: [unit], trigger: true}]}
- {name: hand, plan: [{get: app}, {get: tool}]}`

/** Jobs a, b, c, each with one of the limits. */
export const limited = (...limits: readonly string[]): string => `${resourcesYaml('app')}
jobs:
${limits.map((limit, index) => `- {name: ${'abc'[index] ?? ''}, ${limit}, plan: [{get: app}]}`).join('\n')}`
