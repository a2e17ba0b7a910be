/** Paths in a step's container. Airside's own files are under /tmp/.airside; steps work in /tmp/build. */
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

/** Audience of a supervisor's token: the API does not accept it, and the server accepts no other. */
export const tokenAudience = (installation: string): string => `airside:${installation}`
