/** Where things stand in a step's container. All that we bring stands under /tmp/.airside; work happens in /tmp/build. */
export const paths = {
  binary: '/tmp/.airside/bin',
  supervisor: '/tmp/.airside/bin/airside-supervisor',
  state: '/tmp/.airside/state',
  token: '/tmp/.airside/token',
  build: '/tmp/build',
} as const

/** Below the range of outgoing connections, so that no client of the step has it by chance. */
export const listenPort = 24_725

/** Names of the pod's volumes. */
export const volumes = { supervisor: 'supervisor', state: 'state', build: 'build', token: 'token' } as const

export const stepContainer = 'step'
export const helperContainer = 'airside-supervisor'
export const supervisorInImage = '/airside-supervisor'

/** Whom a supervisor's token is for: nobody else takes it, and we take no other. */
export const tokenAudience = (installation: string): string => `airside:${installation}`

/** What the supervisor itself needs, on top of the step's own limit. */
export const supervisorMemory = 32 * 1024 * 1024
