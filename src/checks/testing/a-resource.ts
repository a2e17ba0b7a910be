import type { CheckedResource } from '../ports.ts'

/** An input that triggers and has versions. */
export const aResource = (given: Partial<CheckedResource> = {}): CheckedResource => ({
  id: 1, name: 'r', pipelineId: 1, pipeline: 'p', configVersion: 1, teamId: 1, team: 'main', scopeId: 1,
  paused: false, triggers: true, isInput: true, hasVersions: true, pinFound: true,
  ...given,
})
