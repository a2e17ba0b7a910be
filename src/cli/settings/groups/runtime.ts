import { parseDuration } from '../../../lib/duration.ts'
import { mostKept } from '../../../retention/kept-containers.ts'
import type { ConcourseVariables, Setting } from '../setting.ts'
import { fail, ok, type Result } from '../../../model/result.ts'
import { choice, integer, list, onOff, secondsOrNone } from '../types.ts'

/** There 0 means: until a later build of the job has ended. */
const failedGracePeriod: ConcourseVariables = {
  names: ['CONCOURSE_GC_FAILED_GRACE_PERIOD'],
  read(variable) {
    const given = variable('CONCOURSE_GC_FAILED_GRACE_PERIOD')
    return given !== undefined && parseDuration(given) === 0 ? '8760h' : given
  },
}

/** The commands that run builds. */
export const builds = ['run', 'web', 'demo'] as const

export const runtime = {
  runtime: {
    group: 'Runtime', commands: builds, type: choice('NAME', ['docker', 'kubernetes']), default: 'docker',
    summary: 'what runs the steps: docker or kubernetes',
    details: '`docker` is Docker or Podman on this machine.',
  },
  'allow-privileged': {
    group: 'Runtime', commands: builds, type: onOff,
    summary: 'allow privileged: true, which is root on the machine or node',
    details: 'It holds for steps and resource types of any pipeline. Without it they are refused.',
  },
  tag: {
    group: 'Docker', commands: builds, runtime: 'docker', type: list('NAME', (given): Result<string, string> => (given === '' ? fail('write a tag, or all') : ok(given))), otherwise: 'none',
    summary: 'a tag that this machine has, or all',
    details: "Steps with `tags` run only where all of them are, as on Concourse's workers; with a tag that is not named here they are refused. `all` lets steps of any tags run. Steps without tags always run.",
  },
  'engine-transport': {
    group: 'Docker', commands: builds, runtime: 'docker', type: choice('WAY', ['socket', 'exec']), otherwise: 'found out',
    summary: 'reach containers by socket or exec',
  },
  'user-namespaces': {
    group: 'Docker', commands: builds, runtime: 'docker', type: choice('WHEN', ['auto', 'required', 'off']), default: 'auto',
    summary: 'give steps user namespaces',
    details: 'Root of a step is then not root on this machine. `auto`: where the engine has them; else the log has a warning. `required`: nothing starts where the engine has none. Privileged steps have none. See "A step and the machine that runs it" in security.md.',
  },
  keep: {
    group: 'Interception', commands: ['run', 'demo'], type: onOff,
    summary: 'keep the containers of steps that fail, for airside intercept',
    details: '`airside web` keeps them anyway, unless `keep-for` is 0.',
  },
  'keep-for': {
    group: 'Interception', commands: builds, type: secondsOrNone, otherwise: '1h; web: 120h', concourse: failedGracePeriod,
    summary: 'how long containers are kept',
    details: 'It implies `keep`; `0` is not at all. After that time containers end by themselves. A server removes them when a later build of the job has ended, but none that somebody is in, or was in within the last five minutes.',
  },
  'keep-one-off-for': {
    group: 'Interception', commands: ['web'], type: secondsOrNone, default: '5m', concourse: 'CONCOURSE_GC_ONE_OFF_GRACE_PERIOD',
    summary: 'the same of builds without a job',
    details: 'Those of `fly execute`, and of checks that somebody asked for. Not longer than `keep-for`.',
  },
  'keep-most': {
    group: 'Interception', commands: builds, type: integer('N', 1), default: String(mostKept),
    summary: 'how many containers are kept',
    details: 'Beyond that those of the oldest builds are removed. They are removed too when a step finds no room: on Kubernetes a kept pod holds what its step has asked for.',
  },
} as const satisfies Readonly<Record<string, Setting>>

export const advanced = {
  'prepare-ahead': {
    group: 'Advanced', commands: builds, type: integer('N', 0), default: '1',
    summary: 'how many steps ahead to prepare',
    details: '0: the container of a step is made when its turn comes.',
  },
  'output-limit': {
    group: 'Advanced', commands: builds, type: integer('BYTES', 1_048_576), otherwise: '64 GiB',
    summary: 'largest output or cache of a step',
    details: 'Of one output or cache; holes of sparse files count.',
  },
  'supervisor-spool': {
    group: 'Advanced', commands: builds, type: integer('BYTES', 65_536), otherwise: '1 GiB',
    summary: 'output that a container buffers',
    details: 'When a container holds that much output that the server has not received, its process is held up.',
  },
  'supervisor-idle': {
    group: 'Advanced', commands: builds, type: integer('SECONDS', 1), otherwise: '600',
    summary: 'how long an idle container waits',
    details: 'A prepared container that no server has contacted for that time ends.',
  },
  'supervisor-keep': {
    group: 'Advanced', commands: builds, type: integer('SECONDS', 1), otherwise: '86400',
    summary: 'how long a container keeps its result',
  },
} as const satisfies Readonly<Record<string, Setting>>
